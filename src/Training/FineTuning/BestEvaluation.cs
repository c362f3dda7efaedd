namespace Inference.Training.FineTuning;

/// <summary>The best evaluation so far.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="Since">Evaluations after it, none of which was better.</param>
public sealed record BestEvaluation(int Step, double Loss, int Since);
