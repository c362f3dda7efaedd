namespace Inference.Text.Tokenizers.Models;

/// <summary>Turns a piece of normalized, pre-tokenized text into ids. Any number of threads may use one.</summary>
internal interface ITokenModel
{
    /// <summary>Appends the ids of <paramref name="piece"/>; a lone surrogate counts as U+FFFD.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> output);
}
