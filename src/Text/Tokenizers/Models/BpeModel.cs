using System.Buffers;
using System.Text;

namespace Inference.Text.Tokenizers.Models;

/// <summary>
/// Turns one piece of text into ids. Byte level: the symbols are the UTF-8 bytes. Otherwise they are the code points,
/// and one that has no token becomes its bytes' tokens (byte fallback), else the unknown token, else nothing.
/// </summary>
internal sealed class BpeModel : ITokenModel
{
    private readonly TokenTable _tokens;
    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly int[] _byteIds = new int[256];
    private readonly PieceCache _cache = new(1 << 14);

    public BpeModel(TokenTable tokens, MergeTable merges, BpeOptions options)
    {
        (_tokens, _merges, _options) = (tokens, merges, options);
        for (int b = 0; b < 256; b++)
        {
            _byteIds[b] = options.ByteLevel ? tokens.Find([ByteLevelAlphabet.CharacterOf((byte)b)])
                : options.ByteFallback ? tokens.Find(ByteFallbackSpelling.Of((byte)b))
                : -1;
        }
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, List<int> output)
    {
        bool isShort = piece.Length <= PieceCache.MaxLength;
        if (isShort && _cache.TryGet(piece, out ReadOnlySpan<int> known))
        {
            output.AddRange(known);
            return;
        }

        int size = Encoding.UTF8.GetMaxByteCount(piece.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(size);
        int[] symbols = ArrayPool<int>.Shared.Rent(size);
        ReadOnlySpan<byte> bytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(piece, rented));
        int count = EncodeBytes(bytes, symbols);
        output.AddRange(symbols.AsSpan(0, count));
        if (isShort) _cache.Add(piece, symbols.AsSpan(0, count));
        ArrayPool<byte>.Shared.Return(rented);
        ArrayPool<int>.Shared.Return(symbols);
    }

    private int EncodeBytes(ReadOnlySpan<byte> bytes, Span<int> symbols)
    {
        if (_options.IgnoreMerges && FindWhole(bytes) is int whole and >= 0)
        {
            symbols[0] = whole;
            return 1;
        }

        int count = _options.ByteLevel ? SymbolsOfBytes(bytes, symbols) : SymbolsOfCodePoints(bytes, symbols);
        return BpeMerger.Merge(symbols[..count], _merges);
    }

    private int FindWhole(ReadOnlySpan<byte> bytes)
    {
        if (!_options.ByteLevel) return _tokens.Find(bytes);
        if (bytes.Length > 256) return -1;
        Span<char> spelling = stackalloc char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++) spelling[i] = ByteLevelAlphabet.CharacterOf(bytes[i]);
        return _tokens.Find(spelling);
    }

    private int SymbolsOfBytes(ReadOnlySpan<byte> bytes, Span<int> symbols)
    {
        int count = 0;
        foreach (byte b in bytes)
        {
            if (_byteIds[b] >= 0) symbols[count++] = _byteIds[b];
            else if (_options.UnknownId >= 0) symbols[count++] = _options.UnknownId;
        }

        return count;
    }

    private int SymbolsOfCodePoints(ReadOnlySpan<byte> bytes, Span<int> symbols)
    {
        int count = 0;
        while (!bytes.IsEmpty)
        {
            Rune.DecodeFromUtf8(bytes, out _, out int length);
            int id = _tokens.Find(bytes[..length]);
            if (id >= 0) symbols[count++] = id;
            else if (HasBytes(bytes[..length])) count += SymbolsOfBytes(bytes[..length], symbols[count..]);
            else if (_options.UnknownId >= 0 && !(_options.FuseUnknown && count > 0 && symbols[count - 1] == _options.UnknownId))
                symbols[count++] = _options.UnknownId;
            bytes = bytes[length..];
        }

        return count;
    }

    private bool HasBytes(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (_byteIds[b] < 0) return false;
        }

        return true;
    }
}
