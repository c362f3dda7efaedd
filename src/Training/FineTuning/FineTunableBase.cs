using Inference.Models;

namespace Inference.Training.FineTuning;

/// <summary>
/// Which bases can be fine-tuned: those whose blocks are Llama's, with norms before, SiLU, projections apart; with biases, norms of queries
/// and keys, or layers that do not rotate. Told by the configuration alone, so that a job can be refused before it is queued.
/// </summary>
public static class FineTunableBase
{
    private static readonly string[] Supported = ["llama", "mistral", "qwen2", "qwen3", "smollm3"];

    /// <summary>Why a base cannot be fine-tuned; null where it can.</summary>
    public static string? Fault(ModelConfig config) =>
        !Supported.Contains(config.Architecture) || config.Experts is not null
            ? $"architecture '{config.Architecture}' cannot be fine-tuned (can be: {string.Join(", ", Supported)}, without experts)"
        : (config.AttentionScale ?? config.AttentionSoftCap ?? config.LogitSoftCap) is not null ? "attention scales and soft caps cannot be trained"
        : null;

    /// <summary>Why sequences of so many tokens cannot be trained on; null where they can.</summary>
    public static string? LengthFault(ModelConfig config, int maxTokens) =>
        config.SlidingWindow is int window && window < maxTokens && Enumerable.Range(0, config.LayerCount).Any(config.Slides)
            ? $"sliding_window is {window}: sequences of up to {maxTokens} tokens cannot be trained on; set max_sequence_length to {window}"
            : null;
}
