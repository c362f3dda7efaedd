namespace Inference.Training.FineTuning;

/// <summary>What a run came to.</summary>
/// <param name="Directory">PEFT's files of the adapter: of the best evaluation where there were any, else of the last step.</param>
/// <param name="Step">The adapter's step.</param>
/// <param name="Steps">Steps made; fewer than planned after an early stop.</param>
/// <param name="Tokens">Input tokens seen.</param>
/// <param name="TrainingLoss">Loss of the last step.</param>
/// <param name="ValidationLoss">The adapter's loss on the validation data, or null.</param>
public sealed record FineTuningResult(string Directory, int Step, int Steps, long Tokens, double TrainingLoss, double? ValidationLoss);
