using Inference.Generation.Adapters;
using Inference.Text.Tokenizers;

namespace Inference.Generation;

/// <summary>What to load, and how to run it.</summary>
public sealed record LanguageModelOptions
{
    /// <summary>Name that requests use.</summary>
    public required string Name { get; init; }

    /// <summary>A directory in Hugging Face's form, or a .gguf file.</summary>
    public required string Path { get; init; }

    /// <summary>A smaller model of the same vocabulary that guesses how answers go on, as a directory or .gguf file; null for none. It changes the speed only.</summary>
    public string? DraftPath { get; init; }

    /// <summary>The tokenizer, where somebody reads it already; null reads it.</summary>
    public Task<Tokenizer>? Tokenizer { get; init; }

    /// <summary>Limits of the engine.</summary>
    public LlmEngineOptions Engine { get; init; } = new();

    /// <summary>Where its adapters come from, and how much of them stays in memory.</summary>
    public AdapterPoolOptions Adapters { get; init; } = new();
}
