using System.Text.Json.Serialization;

namespace Inference.InferenceHost.OpenAi;

/// <summary>What `prompt` may be: a text, texts, token ids, or lists of token ids; here always a list.</summary>
/// <param name="Texts">The texts, or null where the prompts are tokens.</param>
/// <param name="Tokens">The tokens of each prompt, or null where the prompts are texts.</param>
[JsonConverter(typeof(CompletionPromptConverter))]
internal sealed record CompletionPrompt(IReadOnlyList<string>? Texts, IReadOnlyList<IReadOnlyList<int>>? Tokens)
{
    /// <summary>Number of prompts.</summary>
    public int Count => Texts?.Count ?? Tokens!.Count;
}
