using Inference.Training.Optimisation;

namespace Inference.Training.Speech;

/// <summary>How a run goes.</summary>
public sealed record SpeechTrainingOptions
{
    /// <summary>Learning rate by step, and the number of steps.</summary>
    public required CosineSchedule Schedule { get; init; }

    /// <summary>The optimiser's constants.</summary>
    public AdamWOptions AdamW { get; init; } = new() { Beta2 = 0.98f, WeightDecay = 0.01f };

    /// <summary>Most frames of a step.</summary>
    public int BatchFrames { get; init; } = 4800;

    /// <summary>Most text tokens of a step.</summary>
    public int BatchTokens { get; init; } = 1024;

    /// <summary>Weight of the alignment loss beside the decoder's.</summary>
    public float AlignmentShare { get; init; } = 0.5f;

    /// <summary>Seed of the initial parameters.</summary>
    public int Seed { get; init; } = 1;
}
