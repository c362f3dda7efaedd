namespace Inference.Training.FineTuning;

/// <summary>What is chosen where a submission leaves it open: estimates and trainer agree by these.</summary>
public static class FineTuningDefaults
{
    /// <summary>Passes over the data.</summary>
    public const int Epochs = 3;

    /// <summary>Examples (or pairs) of a step.</summary>
    public const int BatchSize = 8;

    /// <summary>Rank of the adapter.</summary>
    public const int Rank = 16;
}
