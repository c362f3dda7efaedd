using Inference.Tensors;

namespace Inference.Generation.Adapters;

/// <summary>Where a model's adapters come from, and how much of them stays in memory.</summary>
public sealed record AdapterPoolOptions
{
    /// <summary>The directory of adapters (<see cref="Inference.Models.Lora.AdapterDirectory"/>); null or empty: only what is loaded by path.</summary>
    public string? Directory { get; init; }

    /// <summary>
    /// Asked for each request before its adapter is looked for: brings what a name or "name@version" means at this moment into the directory,
    /// where that holds copies. Null: the directory is the adapters' own.
    /// </summary>
    public Func<string, CancellationToken, Task>? FetchAsync { get; init; }

    /// <summary>
    /// Bytes of loaded adapters, maps included. Beyond it the least recently used leave, but for pinned ones and those in use.
    /// At least 65,536; default 1 GiB.
    /// </summary>
    public long BudgetBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Number format in which adapters are kept and multiplied: F32, F16, BF16, or Q8_0 for 8 bits. Null, the default: beside weights of F32 as they
    /// are stored, beside others in 8 bits where the processor has products of bytes (AVX-512 VNNI), else in BF16 (F16 beside F16).
    /// </summary>
    public DType? Format { get; init; }

    /// <summary>Names that metrics tell apart; more are counted as "other". 1 to 100,000, default 1,000.</summary>
    public int MaxMetricNames { get; init; } = 1000;

    /// <summary>Every value that is out of its range.</summary>
    public IReadOnlyList<FieldViolation> Validate()
    {
        List<FieldViolation> found = [];
        if (BudgetBytes < 65_536)
            found.Add(new FieldViolation(nameof(BudgetBytes), $"must be at least 65536, not {BudgetBytes}"));
        if (Format is not (null or DType.F32 or DType.F16 or DType.BF16 or DType.Q8_0))
            found.Add(new FieldViolation(nameof(Format), $"must be F32, F16, BF16 or Q8_0, not {Format}"));
        if (MaxMetricNames is < 1 or > 100_000)
            found.Add(new FieldViolation(nameof(MaxMetricNames), $"must be from 1 to 100000, not {MaxMetricNames}"));
        return found;
    }
}
