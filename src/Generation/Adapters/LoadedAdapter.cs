using Inference.Models.Lora;

namespace Inference.Generation.Adapters;

/// <summary>An adapter in memory. The pool's lock guards it.</summary>
internal sealed class LoadedAdapter(string path, AdapterWeights weights, DateTimeOffset loadedAt)
{
    public string Path { get; } = path;

    public AdapterWeights Weights { get; } = weights;

    public DateTimeOffset LoadedAt { get; } = loadedAt;

    public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

    public int Leases { get; set; }

    public bool IsPinned { get; set; }

    /// <summary>Nobody gets it any more; its memory goes with the last lease.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Order of use, for the choice of what leaves.</summary>
    public long LastUse { get; set; }

    /// <summary>Ends when its memory is free.</summary>
    public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AdapterInfo Info() => new(
        [.. Names], Path, Weights.ContentHash, Weights.ByteLength, Weights.Config, Leases, IsPinned, IsLeaving, LoadedAt);
}
