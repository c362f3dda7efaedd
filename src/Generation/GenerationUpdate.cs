namespace Inference.Generation;

/// <summary>One message of a generation's stream.</summary>
public sealed record GenerationUpdate
{
    /// <summary>What is new.</summary>
    public IReadOnlyList<GenerationDelta> Deltas { get; init; } = [];

    /// <summary>In the last update.</summary>
    public GenerationUsage? Usage { get; init; }

    /// <summary>In the last update.</summary>
    public GenerationTiming? Timing { get; init; }
}
