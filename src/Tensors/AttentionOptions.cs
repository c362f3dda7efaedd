namespace Inference.Tensors;

/// <summary>How scores of causal attention are formed.</summary>
/// <param name="Scale">Factor of q . k, commonly 1 / sqrt(headDimension).</param>
/// <param name="SlidingWindow">A row at position p sees the positions above p - SlidingWindow only; 0: all up to its own.</param>
/// <param name="SoftCap">Scores s become SoftCap * tanh(s / SoftCap) before the softmax (Gemma 2); 0: they stay.</param>
public readonly record struct AttentionOptions(float Scale, int SlidingWindow = 0, float SoftCap = 0);
