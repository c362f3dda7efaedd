namespace Inference.Rpc.Client;

/// <summary>What one call does otherwise than its channel.</summary>
public sealed record CallOptions
{
    /// <summary>From the call's start to its end; then it fails with DEADLINE_EXCEEDED. Null: no deadline.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Sent with the request.</summary>
    public Metadata? Headers { get; init; }

    /// <summary>Send large messages compressed with gzip. Null: as the channel does.</summary>
    public bool? Compress { get; init; }

    /// <summary>Null: as the channel has it.</summary>
    public int? MaxReceiveMessageBytes { get; init; }

    /// <summary>Null: as the channel has it.</summary>
    public int? MaxSendMessageBytes { get; init; }
}
