using System.Text;

namespace Inference.Text.Tokenizers;

/// <summary>
/// Turns ids into text as they come. What <see cref="Push"/> and <see cref="Flush"/> give, put together, is what
/// <see cref="Tokenizer.Decode"/> gives for all ids at once; half a character is held back until the rest of it comes.
/// For one sequence, not for several threads.
/// </summary>
public sealed class IncrementalDetokenizer(Tokenizer tokenizer, bool skipSpecialTokens = true)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _toStrip = tokenizer.Decoding.StripCount;

    /// <summary>The text that <paramref name="id"/> completes; empty when it ends within a character or has no text.</summary>
    public string Push(int id)
    {
        if (skipSpecialTokens && tokenizer.IsSpecial(id)) return "";
        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(id);
        while (_toStrip > 0 && !bytes.IsEmpty)
        {
            if (bytes[0] != tokenizer.Decoding.StripCharacter)
            {
                _toStrip = 0;
                break;
            }

            bytes = bytes[1..];
            _toStrip--;
        }

        return Decode(bytes, flush: false);
    }

    /// <summary>What was held back: U+FFFD for a character that did not come to its end, else nothing. Begins a new text.</summary>
    public string Flush()
    {
        string text = Decode([], flush: true);
        _toStrip = tokenizer.Decoding.StripCount;
        return text;
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int limit = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        Span<char> characters = limit <= 256 ? stackalloc char[256] : new char[limit];
        int count = _decoder.GetChars(bytes, characters, flush);
        return count == 0 ? "" : new string(characters[..count]);
    }
}
