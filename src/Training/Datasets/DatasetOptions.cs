namespace Inference.Training.Datasets;

/// <summary>What a data set may be.</summary>
public sealed record DatasetOptions
{
    /// <summary>Least examples of a file. At least 1, default 1.</summary>
    public int MinExamples { get; init; } = 1;

    /// <summary>Longest line in bytes. 1,024 to 256 MiB, default 16 MiB.</summary>
    public int MaxLineBytes { get; init; } = 16 << 20;

    /// <summary>Messages of an example. 1 to 100,000, default 1,000.</summary>
    public int MaxMessages { get; init; } = 1_000;

    /// <summary>Faults and warnings that a report lists, each. 1 to 10,000, default 100.</summary>
    public int MaxListedFaults { get; init; } = 100;

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">Names the field, the limit and the value.</exception>
    internal void Check()
    {
        CheckRange(nameof(MinExamples), MinExamples, 1, int.MaxValue);
        CheckRange(nameof(MaxLineBytes), MaxLineBytes, 1 << 10, 1 << 28);
        CheckRange(nameof(MaxMessages), MaxMessages, 1, 100_000);
        CheckRange(nameof(MaxListedFaults), MaxListedFaults, 1, 10_000);
    }

    private static void CheckRange(string field, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{field} is {value}; it must lie between {least} and {most}");
        }
    }
}
