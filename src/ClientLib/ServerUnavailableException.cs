using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>UNAVAILABLE: no server answers, or all circuits are open after too many failures.</summary>
public sealed class ServerUnavailableException : InferenceException
{
    internal ServerUnavailableException(RpcException cause, string? requestId)
        : base(cause, requestId)
    {
    }

    internal ServerUnavailableException(string message, TimeSpan? retryDelay, Exception cause)
        : base(StatusCode.Unavailable, message, retryDelay, cause)
    {
    }
}
