using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>INVALID_ARGUMENT or OUT_OF_RANGE: <see cref="InferenceException.FieldViolations"/> say which field and why.</summary>
public sealed class InvalidRequestException : InferenceException
{
    internal InvalidRequestException(RpcException cause, string? requestId)
        : base(cause, requestId)
    {
    }
}
