namespace Inference.Training.Datasets;

/// <summary>What was found in a file that was read from end to end.</summary>
public sealed record DatasetReport
{
    /// <summary>Of the first line that tells; null where none does.</summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>Examples without a fault.</summary>
    public long Examples { get; init; }

    /// <summary>The first faults, by line.</summary>
    public IReadOnlyList<DatasetFault> Faults { get; init; } = [];

    /// <summary>All faults.</summary>
    public long FaultCount { get; init; }

    /// <summary>The first things that are allowed but probably not meant.</summary>
    public IReadOnlyList<DatasetFault> Warnings { get; init; } = [];

    /// <summary>All of them.</summary>
    public long WarningCount { get; init; }

    /// <summary>Tokens of one pass, after truncation; of a pair both answers, each with the prompt.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens with a weight above 0.</summary>
    public long TrainedTokens { get; init; }

    /// <summary>Tokens of the longest example before truncation.</summary>
    public int LongestExample { get; init; }

    /// <summary>Examples that were cut.</summary>
    public long TruncatedExamples { get; init; }

    /// <summary>Whether a job may use the file.</summary>
    public bool IsValid => FaultCount == 0;
}
