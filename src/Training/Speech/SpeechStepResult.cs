namespace Inference.Training.Speech;

/// <summary>What a training step did.</summary>
/// <param name="Step">Steps so far, this one included.</param>
/// <param name="TextLoss">Mean loss of the decoder's tokens in nats.</param>
/// <param name="AlignmentLoss">Mean loss of the labels at the encoder in nats.</param>
/// <param name="LearningRate">The step's learning rate.</param>
/// <param name="GradientNorm">Norm of the gradients before clipping.</param>
/// <param name="Examples">Utterances of the step.</param>
public readonly record struct SpeechStepResult(
    int Step, double TextLoss, double AlignmentLoss, float LearningRate, double GradientNorm, int Examples);
