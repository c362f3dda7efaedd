using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Inference.Rpc.Server;

/// <summary>Ports for gRPC on Kestrel.</summary>
public static class KestrelGrpc
{
    /// <summary>
    /// Listens for HTTP/2 only, which a port without TLS needs. Sets the limits that long streams need: no least data rate,
    /// pings on idle connections, many streams on one connection. Request sizes stay limited on other endpoints.
    /// </summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="endpoint">Address and port; port 0 takes a free one.</param>
    /// <param name="tls">The certificate and what goes with it; null for cleartext.</param>
    /// <param name="maxStreamsPerConnection">Calls at once on one connection; further ones wait at the client. Default 1,000.</param>
    public static void ListenGrpc(
        this KestrelServerOptions kestrel, IPEndPoint endpoint, Action<HttpsConnectionAdapterOptions>? tls = null,
        int maxStreamsPerConnection = 1000)
    {
        KestrelServerLimits limits = kestrel.Limits;
        limits.MinResponseDataRate = null;
        limits.Http2.MaxStreamsPerConnection = maxStreamsPerConnection;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        limits.Http2.InitialStreamWindowSize = 1 << 20;
        limits.Http2.InitialConnectionWindowSize = 4 << 20;
        kestrel.Listen(endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (tls != null)
                listen.UseHttps(tls);
        });
    }
}
