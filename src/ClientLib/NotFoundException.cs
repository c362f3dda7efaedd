using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>NOT_FOUND: no such model.</summary>
public sealed class NotFoundException : InferenceException
{
    internal NotFoundException(RpcException cause, string? requestId)
        : base(cause, requestId)
    {
    }
}
