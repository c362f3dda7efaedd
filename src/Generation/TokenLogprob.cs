namespace Inference.Generation;

/// <summary>A token with the natural logarithm of the model's probability, before temperature and filters.</summary>
/// <param name="TokenId">Id.</param>
/// <param name="Bytes">The token's bytes.</param>
/// <param name="Logprob">Natural logarithm of its probability; NaN for a prompt's first token, which has none.</param>
/// <param name="Top">The best tokens, best first, where asked for.</param>
public sealed record TokenLogprob(int TokenId, byte[] Bytes, float Logprob, IReadOnlyList<TokenLogprob> Top);
