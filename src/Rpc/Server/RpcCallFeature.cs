using Google.Protobuf.Reflection;

namespace Inference.Rpc.Server;

/// <summary>
/// What middleware sees of a gRPC call through HttpContext.Features; there once the endpoint has begun, complete after it.
/// </summary>
public sealed class RpcCallFeature
{
    /// <summary>"/package.Service/Method", as the caller named it.</summary>
    public required string Path { get; init; }

    /// <summary>Null for a method that this server does not have.</summary>
    public MethodDescriptor? Method { get; init; }

    /// <summary>How the call ended; null while it runs.</summary>
    public StatusCode? StatusCode { get; internal set; }

    /// <summary>The message sent with a failure.</summary>
    public string? StatusMessage { get; internal set; }

    /// <summary>Messages received so far.</summary>
    public long RequestMessages { get; internal set; }

    /// <summary>Messages sent so far.</summary>
    public long ResponseMessages { get; internal set; }
}
