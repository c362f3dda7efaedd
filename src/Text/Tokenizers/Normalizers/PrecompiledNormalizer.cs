using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's precompiled character map: the longest prefix that the map knows is replaced, what it does not know stays.
/// The map is a length, a double array of that many bytes whose leaves are offsets, and the zero-terminated replacements behind it.
/// Source: google/sentencepiece, normalizer.cc; s-yata/darts-clone, darts.h (unit layout).
/// </summary>
internal sealed class PrecompiledNormalizer : INormalizer
{
    private const uint LeafBit = 1u << 31;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <exception cref="TokenizerFormatException">The map is cut short, or points outside of itself; <paramref name="field"/> is named.</exception>
    public PrecompiledNormalizer(ReadOnlySpan<byte> map, string field)
    {
        uint length = map.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(map) : 0;
        if (map.Length < 4 || length % 4 != 0 || length > map.Length - 4)
            throw new TokenizerFormatException($"{field} has {map.Length} bytes, its double array {length}");
        _units = MemoryMarshal.Cast<byte, uint>(map.Slice(4, (int)length)).ToArray();
        _replacements = map[(4 + (int)length)..].ToArray();
        bool isEnded = _replacements.Length == 0 || _replacements[^1] == 0;
        if (!isEnded || _units.Any(u => (u & LeafBit) != 0 && (u & ~LeafBit) >= _replacements.Length))
            throw new TokenizerFormatException($"{field} points outside of its {_replacements.Length} bytes of replacements");
    }

    public string Apply(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        ArrayBufferWriter<byte> output = new(bytes.Length + 16);
        for (int at = 0; at < bytes.Length;)
        {
            int length = Longest(bytes.AsSpan(at), out int replacement);
            if (length > 0)
            {
                ReadOnlySpan<byte> rest = _replacements.AsSpan(replacement);
                output.Write(rest[..rest.IndexOf((byte)0)]);
            }
            else
            {
                Rune.DecodeFromUtf8(bytes.AsSpan(at), out _, out length);
                output.Write(bytes.AsSpan(at, length));
            }

            at += length;
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // A unit: offset to the children in bits 10 to 30, in steps of 256 where bit 9 is set; bit 8 says that a leaf is among them; the label below.
    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);

    private int Longest(ReadOnlySpan<byte> bytes, out int replacement)
    {
        (int longest, replacement) = (0, 0);
        if (_units.Length == 0) return 0;
        uint node = Offset(_units[0]);
        for (int i = 0; i < bytes.Length && bytes[i] != 0; i++)
        {
            node ^= bytes[i];
            if (node >= _units.Length || (_units[node] & (LeafBit | 0xFF)) != bytes[i]) break;
            uint unit = _units[node];
            node ^= Offset(unit);
            bool hasLeaf = (unit & (1u << 8)) != 0;
            if (hasLeaf && node < _units.Length && (_units[node] & LeafBit) != 0)
                (longest, replacement) = (i + 1, (int)(_units[node] & ~LeafBit));
        }

        return longest;
    }
}
