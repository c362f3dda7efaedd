using Inference.Text.Tokenizers.Models;
using Inference.Text.Tokenizers.Normalizers;
using Inference.Text.Tokenizers.PreTokenizers;

namespace Inference.Text.Tokenizers;

/// <summary>Everything a file says about a tokenizer, in the form that <see cref="Tokenizer"/> runs.</summary>
internal sealed record TokenizerDefinition
{
    public required TokenTable Tokens { get; init; }

    public required ITokenModel Model { get; init; }

    public required TokenDecoding Decoding { get; init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    public INormalizer? Normalizer { get; init; }

    public IPreTokenizer? PreTokenizer { get; init; }

    /// <summary>Ids put before and after the text when special tokens are added.</summary>
    public int[] Prefix { get; init; } = [];

    public int[] Suffix { get; init; } = [];

    public int? BosTokenId { get; init; }

    public int? EosTokenId { get; init; }

    public int? EndOfTurnTokenId { get; init; }

    public int? PadTokenId { get; init; }

    public int? UnknownTokenId { get; init; }

    public TokenizerConfig Config { get; init; } = new();
}
