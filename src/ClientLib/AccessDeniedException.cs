using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>UNAUTHENTICATED or PERMISSION_DENIED: the API key is missing, wrong, or does not allow this.</summary>
public sealed class AccessDeniedException : InferenceException
{
    internal AccessDeniedException(RpcException cause, string? requestId)
        : base(cause, requestId)
    {
    }
}
