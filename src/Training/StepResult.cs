namespace Inference.Training;

/// <summary>What a training step did.</summary>
/// <param name="Step">Steps so far, this one included.</param>
/// <param name="Loss">Mean weighted loss in nats.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="GradientNorm">Norm of the gradients before clipping.</param>
/// <param name="Rows">Input tokens of the step.</param>
public readonly record struct StepResult(int Step, double Loss, float LearningRate, double GradientNorm, int Rows);
