namespace Inference.Text.Tokenizers;

/// <summary>What tokenizer_config.json says beside the vocabulary; null or empty where it says nothing.</summary>
public sealed record TokenizerConfig
{
    /// <summary>Begins a text.</summary>
    public string? BosToken { get; init; }

    /// <summary>Ends a text.</summary>
    public string? EosToken { get; init; }

    /// <summary>Fills a batch.</summary>
    public string? PadToken { get; init; }

    /// <summary>Stands for what has no token.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>The Jinja source of the default chat template: chat_template.jinja, else chat_template.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Jinja sources by name, where the file has several ("default", "tool_use", "rag").</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; init; } = new Dictionary<string, string>();

    /// <summary>The longest input the model was made for, in tokens.</summary>
    public long? ModelMaxLength { get; init; }

    /// <summary>
    /// Whether <see cref="BosToken"/> goes before a text, whatever tokenizer.json says: add_bos_token, which the tokenizer classes of
    /// Llama and Gemma obey and others do not.
    /// </summary>
    public bool? AddsBos { get; init; }

    /// <summary>The same of <see cref="EosToken"/> after a text: add_eos_token.</summary>
    public bool? AddsEos { get; init; }

    /// <summary>Tokens of added_tokens_decoder.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];
}
