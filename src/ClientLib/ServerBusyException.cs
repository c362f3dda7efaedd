using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>RESOURCE_EXHAUSTED: the queue is full; <see cref="InferenceException.RetryDelay"/> says when to try again.</summary>
public sealed class ServerBusyException : InferenceException
{
    internal ServerBusyException(RpcException cause, string? requestId)
        : base(cause, requestId)
    {
    }
}
