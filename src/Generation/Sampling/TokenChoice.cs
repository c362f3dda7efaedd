namespace Inference.Generation.Sampling;

/// <summary>A token with the logarithm of the model's probability, and the best ones beside it.</summary>
/// <param name="TokenId">Id.</param>
/// <param name="Logprob">Natural logarithm of its probability; NaN where none was asked for.</param>
/// <param name="Top">The best tokens, best first; empty where none were asked for.</param>
internal readonly record struct TokenChoice(int TokenId, float Logprob, IReadOnlyList<(int TokenId, float Logprob)> Top);
