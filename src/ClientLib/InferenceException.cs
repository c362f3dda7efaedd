using Inference.Rpc;

namespace Inference.ClientLib;

/// <summary>A call that failed for good: retries, where they were allowed, are used up. Subclasses name what callers tell apart.</summary>
public class InferenceException : Exception
{
    internal InferenceException(RpcException cause, string? requestId)
        : this(cause.StatusCode, cause.Message, cause.RetryDelay, cause)
    {
        RequestId = cause.Trailers["x-request-id"] ?? requestId;
        Reason = cause.ErrorInfo?.Reason;
        FieldViolations = [.. cause.FieldViolations.Select(v => new FieldViolation(v.Field, v.Description))];
    }

    internal InferenceException(StatusCode statusCode, string message, TimeSpan? retryDelay, Exception? cause)
        : base(message, cause)
    {
        StatusCode = statusCode;
        RetryDelay = retryDelay;
    }

    public StatusCode StatusCode { get; }

    /// <summary>What the server wrote into its logs as well; null where it did not answer.</summary>
    public string? RequestId { get; }

    /// <summary>The cause for programs; null where the server does not say.</summary>
    public string? Reason { get; }

    /// <summary>When the server wants the next try at the earliest; null where it does not say.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>The fields of the request that are wrong, with an <see cref="InvalidRequestException"/>; else mostly empty.</summary>
    public IReadOnlyList<FieldViolation> FieldViolations { get; } = [];

    internal static InferenceException From(RpcException cause, string? requestId = null) => cause.StatusCode switch
    {
        StatusCode.InvalidArgument or StatusCode.OutOfRange => new InvalidRequestException(cause, requestId),
        StatusCode.NotFound => new NotFoundException(cause, requestId),
        StatusCode.ResourceExhausted => new ServerBusyException(cause, requestId),
        StatusCode.Unavailable => new ServerUnavailableException(cause, requestId),
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => new AccessDeniedException(cause, requestId),
        StatusCode.DeadlineExceeded => new DeadlineExceededException(cause, requestId),
        _ => new InferenceException(cause, requestId),
    };
}
