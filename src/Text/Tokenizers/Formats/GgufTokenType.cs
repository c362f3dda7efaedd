namespace Inference.Text.Tokenizers.Formats;

/// <summary>tokenizer.ggml.token_type (ggml-org/ggml, docs/gguf.md).</summary>
internal enum GgufTokenType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
