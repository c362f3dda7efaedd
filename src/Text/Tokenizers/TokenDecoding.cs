using System.Text;

namespace Inference.Text.Tokenizers;

/// <summary>How a token's spelling becomes the bytes it stands for, and what is dropped at the beginning of a text.</summary>
internal sealed record TokenDecoding
{
    /// <summary>Spellings are in the byte-level alphabet.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>&lt;0x0A&gt; stands for that byte.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Literals to replace in spellings, in this order, such as U+2581 by a space.</summary>
    public IReadOnlyList<(string Literal, string Content)> Replacements { get; init; } = [];

    /// <summary>Begins a token that continues a word; a token without it has a space before it. Null where words are not marked so.</summary>
    public string? WordPiecePrefix { get; init; }

    /// <summary>Whether the space before punctuation and English contractions is dropped (WordPiece).</summary>
    public bool CleansUp { get; init; }

    /// <summary>The ASCII character to drop at the beginning of a text.</summary>
    public char StripCharacter { get; init; } = ' ';

    /// <summary>At most how many of it.</summary>
    public int StripCount { get; init; }

    /// <summary>The bytes of a token of the vocabulary (an added token is its own text instead).</summary>
    public byte[] BytesOf(ReadOnlySpan<byte> spelling)
    {
        if (ByteFallback && ByteFallbackSpelling.TryParse(spelling, out byte value)) return [value];
        if (ByteLevel) return ByteLevelAlphabet.BytesOf(spelling);
        if (WordPiecePrefix is not null) return Encoding.UTF8.GetBytes(WordPiece(Encoding.UTF8.GetString(spelling)));
        if (Replacements.Count == 0) return spelling.ToArray();
        string text = Encoding.UTF8.GetString(spelling);
        foreach ((string literal, string content) in Replacements) text = text.Replace(literal, content, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text);
    }

    private string WordPiece(string token)
    {
        if (token.StartsWith(WordPiecePrefix!, StringComparison.Ordinal)) return token[WordPiecePrefix!.Length..];
        bool isAttached = CleansUp && token is "." or "?" or "!" or "," or "n't" or "'m" or "'s" or "'ve" or "'re";
        return isAttached ? token : " " + token;
    }
}
