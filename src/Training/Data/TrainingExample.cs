namespace Inference.Training.Data;

/// <summary>One document or conversation.</summary>
/// <param name="Tokens">At least two token ids.</param>
/// <param name="Weights">Weight of the loss of predicting each token; 0 for prompts. The first is never predicted.</param>
public sealed record TrainingExample(int[] Tokens, float[] Weights);
