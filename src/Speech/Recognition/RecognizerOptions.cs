using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>How a recogniser shares its model.</summary>
public sealed record RecognizerOptions
{
    /// <summary>Windows that are decoded together, 1 to 256.</summary>
    public int ConcurrentWindows { get; init; } = 8;

    /// <summary>Windows that may wait for a place, 1 to 65,536; beyond, callers wait.</summary>
    public int MaxWaitingWindows { get; init; } = 256;

    /// <summary>Number format of keys and values: F32, F16, BF16 or Q8_0.</summary>
    public DType CacheType { get; init; } = DType.F16;

    /// <summary>New audio that a stream waits for before it looks again, 100 ms to 10 s.</summary>
    public TimeSpan PartialInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
