using System.Text;

namespace Inference.Text.Tokenizers;

/// <summary>
/// GPT-2's reversible map of the 256 bytes to printable characters, in which byte-level vocabularies are spelled:
/// printable Latin-1 bytes stand for themselves, the other 68 for U+0100 and up (a space is U+0120).
/// Source: openai/gpt-2, encoder.py, bytes_to_unicode.
/// </summary>
public static class ByteLevelAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    /// <summary>The character that spells <paramref name="value"/>.</summary>
    public static char CharacterOf(byte value) => Characters[value];

    /// <summary>The bytes a spelling stands for; the spelling's own UTF-8 when a character of it spells no byte.</summary>
    public static byte[] BytesOf(ReadOnlySpan<byte> spelling)
    {
        Span<byte> bytes = spelling.Length <= 512 ? stackalloc byte[512] : new byte[spelling.Length];
        int count = 0;
        for (ReadOnlySpan<byte> rest = spelling; !rest.IsEmpty;)
        {
            Rune.DecodeFromUtf8(rest, out Rune rune, out int used);
            if (rune.Value >= Bytes.Length || Bytes[rune.Value] < 0) return spelling.ToArray();
            bytes[count++] = (byte)Bytes[rune.Value];
            rest = rest[used..];
        }

        return bytes[..count].ToArray();
    }

    private static char[] BuildCharacters()
    {
        char[] characters = new char[256];
        int other = 256;
        for (int b = 0; b < 256; b++)
            characters[b] = b is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255) ? (char)b : (char)other++;
        return characters;
    }

    private static short[] BuildBytes()
    {
        short[] bytes = new short[256 + 68];
        bytes.AsSpan().Fill(-1);
        for (int b = 0; b < 256; b++) bytes[Characters[b]] = (short)b;
        return bytes;
    }
}
