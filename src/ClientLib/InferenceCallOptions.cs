namespace Inference.ClientLib;

/// <summary>What one call does otherwise than its client.</summary>
public sealed record InferenceCallOptions
{
    /// <summary>Retries included. Null: as the client has it.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Sent as "x-request-id"; the server makes one up where null.</summary>
    public string? RequestId { get; init; }

    /// <summary>Sent besides the client's own.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
