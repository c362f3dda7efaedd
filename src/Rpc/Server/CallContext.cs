using System.Net;
using System.Security.Claims;
using Google.Protobuf.Reflection;
using Inference.Rpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Inference.Rpc.Server;

/// <summary>A call as its handler sees it.</summary>
public sealed class CallContext
{
    private readonly Func<Task> _sendHeaders;
    private readonly TimeProvider _time;

    internal CallContext(
        HttpContext http, MethodDescriptor method, DateTimeOffset? deadline, TimeProvider time,
        CancellationToken cancellation, CancellationToken serverStopping, Func<Task> sendHeaders)
    {
        HttpContext = http;
        Method = method;
        Deadline = deadline;
        _time = time;
        CancellationToken = cancellation;
        ServerStopping = serverStopping;
        _sendHeaders = sendHeaders;
        foreach (var header in http.Request.Headers.Where(h => Headers.IsMetadata(h.Key)))
        {
            foreach (string? value in header.Value)
                RequestHeaders.AddReceived(header.Key, value ?? "");
        }
    }

    public HttpContext HttpContext { get; }

    public MethodDescriptor Method { get; }

    /// <summary>What the caller sent besides the protocol's own headers.</summary>
    public Metadata RequestHeaders { get; } = new();

    /// <summary>Sent with the first message; of a stream at the latest when its handler first awaits.</summary>
    public Metadata ResponseHeaders { get; } = new();

    /// <summary>Sent with the status.</summary>
    public Metadata ResponseTrailers { get; } = new();

    /// <summary>When the caller stops waiting; null for no deadline.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Time left until the deadline, not negative; null for no deadline.</summary>
    public TimeSpan? TimeLeft => Deadline is not { } deadline
        ? null : TimeSpan.FromTicks(Math.Max(0, (deadline - _time.GetUtcNow()).Ticks));

    /// <summary>The caller left, the deadline passed, or the server gave up waiting for its calls to end.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>The server takes no new connections and waits for its calls to end: streams without an end should end.</summary>
    public CancellationToken ServerStopping { get; }

    /// <summary>Who calls: "ipv4:10.0.0.1:4711", "ipv6:[::1]:4711", or "unknown".</summary>
    public string Peer => HttpContext.Connection is { RemoteIpAddress: { } address } connection
        ? $"{(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4")}:{new IPEndPoint(address, connection.RemotePort)}"
        : "unknown";

    /// <summary>As the host's authentication found.</summary>
    public ClaimsPrincipal User => HttpContext.User;

    /// <summary>Compress messages if the caller accepts gzip. Takes effect until the headers are sent.</summary>
    public bool CompressResponse { get; set; }

    /// <summary>Sends the response headers now.</summary>
    public Task SendHeadersAsync() => _sendHeaders();
}
