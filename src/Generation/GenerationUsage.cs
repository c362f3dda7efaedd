namespace Inference.Generation;

/// <summary>Token counts of a request.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens generated, of all answers.</param>
/// <param name="CachedTokens">Prompt tokens that came from the prefix cache.</param>
public sealed record GenerationUsage(int PromptTokens, int CompletionTokens, int CachedTokens);
