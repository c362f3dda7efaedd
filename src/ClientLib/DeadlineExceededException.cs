using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>DEADLINE_EXCEEDED: the time for the call, retries included, has passed.</summary>
public sealed class DeadlineExceededException : InferenceException
{
    internal DeadlineExceededException(RpcException cause, string? requestId)
        : base(cause, requestId)
    {
    }
}
