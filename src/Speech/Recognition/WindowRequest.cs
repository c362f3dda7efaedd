using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>A window of at most 30 s to decode.</summary>
internal sealed record WindowRequest
{
    /// <summary>Log-mel frames [frames, mels]; the engine disposes of them.</summary>
    public required Tensor Mel { get; init; }

    /// <summary>Frames that are sound, not filling.</summary>
    public required int RealFrames { get; init; }

    /// <summary>Tokens of the text before, without the mark of previous text.</summary>
    public IReadOnlyList<int> Previous { get; init; } = [];

    /// <summary>ISO 639-1 code; null: the most probable one, for models of several languages.</summary>
    public string? Language { get; init; }

    /// <summary>Timestamps are asked for, where the model has them.</summary>
    public bool Timestamps { get; init; } = true;

    /// <summary>The caller's options.</summary>
    public required TranscriptionOptions Options { get; init; }
}
