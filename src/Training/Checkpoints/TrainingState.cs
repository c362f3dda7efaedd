using System.Security.Cryptography;
using System.Text.Json;
using Inference.Models;
using Inference.Training.FineTuning;

namespace Inference.Training.Checkpoints;

/// <summary>Everything but the tensors that a run needs to go on. Chance needs no state: every draw follows from the seed and the cursor.</summary>
/// <param name="Step">Steps made.</param>
/// <param name="Rows">Input tokens seen.</param>
/// <param name="Cursor">Examples drawn.</param>
/// <param name="ConfigHash">SHA-256 of the model's shape and the options, without the schedule.</param>
/// <param name="DataHash">SHA-256 of the data set.</param>
/// <param name="TensorHash">SHA-256 of the file of tensors.</param>
public sealed record TrainingState(int Step, long Rows, long Cursor, string ConfigHash, string DataHash, string TensorHash = "")
{
    /// <summary>The best evaluation so far, of runs that evaluate.</summary>
    public BestEvaluation? Best { get; init; }

    /// <summary>Loss of the last step, of runs that report it.</summary>
    public double? Loss { get; init; }

    /// <summary>SHA-256, in hexadecimal, of configuration and options as JSON.</summary>
    public static string Hash(ModelConfig config, TrainingOptions options) =>
        Convert.ToHexStringLower(SHA256.HashData([.. JsonSerializer.SerializeToUtf8Bytes(config), .. JsonSerializer.SerializeToUtf8Bytes(options)]));
}
