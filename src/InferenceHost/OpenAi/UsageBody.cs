using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Token counts of a request.</summary>
internal sealed record UsageBody(int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails)
{
    /// <summary>The sum over a request's prompts.</summary>
    public static UsageBody Of(IReadOnlyCollection<GenerationUsage> usages)
    {
        int prompt = usages.Sum(u => u.PromptTokens);
        int completion = usages.Sum(u => u.CompletionTokens);
        return new UsageBody(prompt, completion, prompt + completion, new PromptTokensDetails(usages.Sum(u => u.CachedTokens)));
    }
}

/// <summary>Prompt tokens that came from the prefix cache.</summary>
internal sealed record PromptTokensDetails(int CachedTokens);
