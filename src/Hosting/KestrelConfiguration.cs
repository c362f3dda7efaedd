using System.Net;
using System.Security.Cryptography.X509Certificates;
using Inference.Rpc.Server;
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
        Action<HttpsConnectionAdapterOptions>? tls = server.UsesTls ? Tls(server) : null;
        kestrel.ListenGrpc(new IPEndPoint(address, server.GrpcPort), tls, server.MaxStreamsPerConnection);
        kestrel.Listen(address, server.HttpPort, listen =>
        {
            listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (tls is not null)
            {
                listen.UseHttps(tls);
            }
        });
    }

    private static Action<HttpsConnectionAdapterOptions> Tls(ServerOptions server)
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(server.CertificateFile!);
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(server.CertificateFile!, server.KeyFile);
        return https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = chain;
        };
    }
}
