using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>GGUF metadata with typed access; numbers may have any width.</summary>
internal sealed class GgufMetadata(IReadOnlyDictionary<string, object> values)
{
    public bool Has(string key) => values.ContainsKey(key);

    public string Text(string key) => TextOrNull(key) ?? throw new TokenizerFormatException($"{key} is missing");

    public string? TextOrNull(string key) => Get<string>(key, "a string");

    public bool? Flag(string key) => values.ContainsKey(key) ? Get<object>(key, "") as bool? ?? throw Wrong(key, "a boolean") : null;

    /// <summary>An id below <paramref name="limit"/>; null where the key is absent or holds -1 (none).</summary>
    public int? Id(string key, int limit)
    {
        if (!values.TryGetValue(key, out object? value)) return null;
        if (value is not (byte or sbyte or short or ushort or int or uint or long or ulong)) throw Wrong(key, "a whole number");
        decimal id = Convert.ToDecimal(value, CultureInfo.InvariantCulture);
        if (id is -1 or uint.MaxValue) return null;
        return id >= 0 && id < limit ? (int)id : throw new TokenizerFormatException($"{key} is {id}, which is not within 0..{limit - 1}");
    }

    /// <summary>Strings as UTF-8.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Texts(string key) => values.GetValueOrDefault(key) switch
    {
        IReadOnlyList<ReadOnlyMemory<byte>> utf8 => utf8,
        IReadOnlyList<string> texts => [.. texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))],
        null => throw new TokenizerFormatException($"{key} is missing"),
        _ => throw Wrong(key, "an array of strings"),
    };

    public IReadOnlyList<float>? Floats(string key, int length) => Sized(key, Get<IReadOnlyList<float>>(key, "an array of floats"), length);

    public IReadOnlyList<int>? Ints(string key, int length) => Sized(key, Get<IReadOnlyList<int>>(key, "an array of 32-bit integers"), length);

    /// <summary>An array of bytes, signed or not; empty where it is absent.</summary>
    public ReadOnlySpan<byte> Bytes(string key) => values.GetValueOrDefault(key) switch
    {
        null => default,
        byte[] bytes => bytes,
        sbyte[] bytes => MemoryMarshal.AsBytes<sbyte>(bytes),
        _ => throw Wrong(key, "an array of bytes"),
    };

    private static IReadOnlyList<T>? Sized<T>(string key, IReadOnlyList<T>? items, int length) =>
        items is null || items.Count == length
            ? items
            : throw new TokenizerFormatException($"{key} has {items.Count} items, tokenizer.ggml.tokens has {length}");

    private T? Get<T>(string key, string wanted)
        where T : class =>
        values.TryGetValue(key, out object? value) ? value as T ?? throw Wrong(key, wanted) : null;

    private TokenizerFormatException Wrong(string key, string wanted) => new($"{key} must be {wanted}, not {values[key].GetType().Name}");
}
