namespace Inference.Generation;

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>End-of-sequence, a stop token or a stop text.</summary>
    Stop,

    /// <summary>The token limit or the context length.</summary>
    Length,

    /// <summary>The client left, cancelled or ran out of time.</summary>
    Cancelled,
}
