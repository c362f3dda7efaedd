using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Inference.Rpc.Details;

namespace Inference.Rpc;

/// <summary>
/// A call that failed. Thrown by handlers to end a call with this status, and by clients that received it.
/// Details travel as google.rpc.Status in grpc-status-details-bin.
/// </summary>
public sealed class RpcException : Exception
{
    /// <param name="statusCode">Not <see cref="StatusCode.Ok"/>.</param>
    /// <param name="message">For the caller; goes over the wire.</param>
    /// <param name="details">Messages such as <see cref="BadRequest"/>, <see cref="RetryInfo"/>, <see cref="ErrorInfo"/>.</param>
    public RpcException(StatusCode statusCode, string message, params IEnumerable<IMessage> details)
        : this(statusCode, message, [.. details.Select(Any.Pack)], new Metadata(), null)
    {
    }

    internal RpcException(StatusCode statusCode, string message, IReadOnlyList<Any> details, Metadata trailers, Exception? inner)
        : base(message, inner)
    {
        if (statusCode == StatusCode.Ok)
            throw new ArgumentOutOfRangeException(nameof(statusCode), "a failed call cannot have the status OK");
        StatusCode = statusCode;
        Details = details;
        Trailers = trailers;
    }

    /// <summary>The status; a number that this version does not know is <see cref="StatusCode.Unknown"/>.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The details as packed on the wire.</summary>
    public IReadOnlyList<Any> Details { get; }

    /// <summary>On the server: sent with the status. On the client: what came with it.</summary>
    public Metadata Trailers { get; }

    /// <summary>On the client: no connection carried the request, so that another try cannot do anything twice.</summary>
    public bool RequestNotSent { get; internal init; }

    /// <summary>What was wrong with which field, from all <see cref="BadRequest"/> details.</summary>
    public IReadOnlyList<BadRequest.Types.FieldViolation> FieldViolations =>
        [.. GetDetails<BadRequest>().SelectMany(b => b.FieldViolations)];

    /// <summary>When the server wants the next try at the earliest; null where it does not say.</summary>
    public TimeSpan? RetryDelay => GetDetails<RetryInfo>().FirstOrDefault()?.RetryDelay?.ToTimeSpan();

    /// <summary>The cause for programs; null where the server does not say.</summary>
    public ErrorInfo? ErrorInfo => GetDetails<ErrorInfo>().FirstOrDefault();

    /// <summary>All details of one type.</summary>
    public IEnumerable<T> GetDetails<T>()
        where T : IMessage, new() =>
        Details.Where(d => Any.GetTypeName(d.TypeUrl) == new T().Descriptor.FullName).Select(d => d.Unpack<T>());

    /// <summary>INVALID_ARGUMENT that names each wrong field.</summary>
    public static RpcException InvalidFields(params IReadOnlyList<(string Field, string Description)> violations)
    {
        BadRequest request = new();
        request.FieldViolations.AddRange(violations.Select(
            v => new BadRequest.Types.FieldViolation { Field = v.Field, Description = v.Description }));
        return new(StatusCode.InvalidArgument, string.Join("; ", violations.Select(v => $"{v.Field}: {v.Description}")), request);
    }

    /// <summary>RESOURCE_EXHAUSTED that says when to try again.</summary>
    public static RpcException Exhausted(string message, TimeSpan retryDelay) =>
        new(StatusCode.ResourceExhausted, message, new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryDelay) });
}
