using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>
/// Walks JSON text value by value: strings and whole numbers by itself, in a third of the time that Utf8JsonReader takes for a
/// vocabulary, everything else as a <see cref="JsonElement"/>. What is not JSON throws <see cref="TokenizerFormatException"/>.
/// </summary>
internal ref struct JsonCursor(ReadOnlySpan<byte> json, string file)
{
    private readonly ReadOnlySpan<byte> _json = json;

    /// <summary>The next byte.</summary>
    public int Position { get; set; }

    /// <summary>Whether only white space is left.</summary>
    public bool IsAtEnd
    {
        get
        {
            Peek();
            return Position == _json.Length;
        }
    }

    /// <summary>The next byte that is not white space; 0 at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Peek()
    {
        while ((uint)Position < (uint)_json.Length)
        {
            byte next = _json[Position];
            if (next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')) return next;
            Position++;
        }

        return 0;
    }

    /// <summary>Moves past <paramref name="wanted"/> if that is next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySkip(char wanted)
    {
        if (Peek() != wanted) return false;
        Position++;
        return true;
    }

    /// <summary>Moves past <paramref name="wanted"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(char wanted)
    {
        if (!TrySkip(wanted)) throw Invalid($"'{wanted}' is wanted");
    }

    /// <summary>Whether another member or element follows; moves to it, or past the closing bracket.</summary>
    /// <param name="closing">The bracket.</param>
    /// <param name="isFirst">True behind the opening bracket; becomes false.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next(char closing, ref bool isFirst)
    {
        if (TrySkip(closing)) return false;

        if (!isFirst)
        {
            Skip(',');
            if (Peek() == closing) throw Invalid("a value is wanted after a comma");
        }

        isFirst = false;
        return true;
    }

    /// <summary>A string's text as UTF-8: a part of the file, or of <paramref name="buffer"/> where it has escapes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> String(scoped ref byte[] buffer)
    {
        Skip('"');
        int start = Position;
        int end = start;
        byte seen = 0;
        while ((uint)end < (uint)_json.Length && _json[end] is not ((byte)'"' or (byte)'\\') && _json[end] >= ' ') seen |= _json[end++];
        Position = end;
        if ((uint)end >= (uint)_json.Length || _json[end] != '"') return Escaped(start, ref buffer);
        Position++;
        ReadOnlySpan<byte> text = _json[start..end];
        return seen < 0x80 || Utf8.IsValid(text) ? text : throw Invalid("the string is not valid UTF-8");
    }

    /// <summary>A whole number of 32 bits; false, and the position unchanged, where another value is next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryInt(out int value)
    {
        value = 0;
        Peek();
        int at = Position;
        bool isNegative = (uint)at < (uint)_json.Length && _json[at] == '-';
        if (isNegative) at++;
        int first = at;
        long number = 0;
        while ((uint)at < (uint)_json.Length && at - first < 11 && _json[at] is >= (byte)'0' and <= (byte)'9') number = (number * 10) + _json[at++] - '0';
        if (isNegative) number = -number;
        bool isWhole = at > first && (uint)at < (uint)_json.Length && _json[at] is not ((byte)'.' or (byte)'e' or (byte)'E');
        if (!isWhole || (_json[first] == '0' && at - first > 1) || number != (int)number) return false;
        value = (int)number;
        Position = at;
        return true;
    }

    /// <summary>A number; false, and the position unchanged, where another value is next.</summary>
    public bool TryDouble(out double value)
    {
        value = 0;
        if (Peek() is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')) || !Utf8Parser.TryParse(_json[Position..], out value, out int used)) return false;
        Position += used;
        return true;
    }

    /// <summary>Any value.</summary>
    public JsonElement Value()
    {
        Peek();
        Utf8JsonReader reader = new(_json[Position..]);
        try
        {
            JsonElement value = JsonElement.ParseValue(ref reader);
            Position += (int)reader.BytesConsumed;
            return value;
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException($"{file} is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>Moves past any value without keeping it.</summary>
    public void SkipValue()
    {
        Peek();
        Utf8JsonReader reader = new(_json[Position..]);
        try
        {
            reader.Read();
            reader.Skip();
            Position += (int)reader.BytesConsumed;
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException($"{file} is not valid JSON: {e.Message}", e);
        }
    }

    public readonly TokenizerFormatException Invalid(string reason) => new($"{file} is not valid JSON: {reason} at byte {Position}");

    // A string of which a beginning without escapes has been seen.
    private ReadOnlySpan<byte> Escaped(int start, scoped ref byte[] buffer)
    {
        int count = Position - start;
        if (buffer.Length < count + 8) buffer = new byte[(count + 8) * 2];
        _json[start..Position].CopyTo(buffer);
        while (Position < _json.Length && _json[Position] != '"')
        {
            if (buffer.Length < count + 8) Array.Resize(ref buffer, buffer.Length * 2);
            byte next = _json[Position++];
            if (next < ' ') throw Invalid("a control character stands in a string");
            if (next != '\\') buffer[count++] = next;
            else count += Escape().EncodeToUtf8(buffer.AsSpan(count));
        }

        Skip('"');
        ReadOnlySpan<byte> text = buffer.AsSpan(0, count);
        return Utf8.IsValid(text) ? text : throw Invalid("the string is not valid UTF-8");
    }

    private Rune Escape()
    {
        byte kind = Position < _json.Length ? _json[Position++] : (byte)0;
        if (kind != 'u')
        {
            int plain = "\"\\/bfnrt"u8.IndexOf(kind);
            return plain >= 0 ? new Rune("\"\\/\b\f\n\r\t"[plain]) : throw Invalid("an escape is not known");
        }

        char first = Unit();
        if (Rune.TryCreate(first, out Rune rune)) return rune;
        bool isPair = char.IsHighSurrogate(first) && _json[Position..].StartsWith("\\u"u8);
        if (isPair) Position += 2;
        return isPair && Rune.TryCreate(first, Unit(), out rune) ? rune : throw Invalid("an escaped surrogate has no partner: the string is not valid Unicode");
    }

    private char Unit()
    {
        if (Position + 4 > _json.Length || !Utf8Parser.TryParse(_json.Slice(Position, 4), out ushort unit, out int used, 'x') || used != 4)
            throw Invalid("four hexadecimal digits are wanted");
        Position += 4;
        return (char)unit;
    }
}
