using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace Inference.Hosting;

/// <summary>
/// Two ports: gRPC first, then HTTP. A cleartext port cannot negotiate its protocol, so gRPC's is HTTP/2 only and the other HTTP/1.1;
/// with TLS the other speaks both.
/// </summary>
internal sealed class KestrelConfiguration(IOptions<ServerOptions> options) : IConfigureOptions<KestrelServerOptions>
{
    /// <inheritdoc/>
    public void Configure(KestrelServerOptions kestrel)
    {
        ServerOptions server = options.Value;
        IPAddress address = ListenAddress.Parse(server.Address)!;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = server.MaxRequestBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = server.MaxStreamsPerConnection;
        HttpsConnectionAdapterOptions? tls = server.UsesTls ? Tls(server) : null;
        Listen(kestrel, address, server.GrpcPort, HttpProtocols.Http2, tls);
        Listen(kestrel, address, server.HttpPort, tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2, tls);
    }

    private static void Listen(KestrelServerOptions kestrel, IPAddress address, int port, HttpProtocols protocols, HttpsConnectionAdapterOptions? tls) =>
        kestrel.Listen(address, port, listen =>
        {
            listen.Protocols = protocols;
            if (tls is not null)
            {
                listen.UseHttps(tls);
            }
        });

    private static HttpsConnectionAdapterOptions Tls(ServerOptions server)
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(server.CertificateFile!);
        return new HttpsConnectionAdapterOptions
        {
            ServerCertificate = X509Certificate2.CreateFromPemFile(server.CertificateFile!, server.KeyFile),
            ServerCertificateChain = chain,
        };
    }
}
