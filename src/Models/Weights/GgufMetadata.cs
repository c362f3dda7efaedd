using System.Globalization;

namespace Inference.Models.Weights;

/// <summary>
/// The key-value pairs of a GGUF file. Values are numbers, bools, strings, and arrays: byte[], int[], float[] ... as stored, of strings <see cref="GgufStrings"/>.
/// Getters return null when the key is missing.
/// </summary>
public sealed class GgufMetadata
{
    private readonly string _file;
    private readonly Dictionary<string, object> _values;

    internal GgufMetadata(string file, Dictionary<string, object> values)
    {
        _file = file;
        _values = values;
    }

    /// <summary>All values by key.</summary>
    public IReadOnlyDictionary<string, object> Values => _values;

    /// <summary>A string.</summary>
    /// <exception cref="ModelFormatException">The value is of another type.</exception>
    public string? Text(string key) => Reference<string>(key);

    /// <summary>A list of strings.</summary>
    /// <exception cref="ModelFormatException">The value is of another type.</exception>
    public string[]? Texts(string key) => Reference<GgufStrings>(key)?.ToStrings();

    /// <summary>A list of floats.</summary>
    /// <exception cref="ModelFormatException">The value is of another type.</exception>
    public float[]? Floats(string key) => Reference<float[]>(key);

    /// <summary>A list of integers, stored as signed or unsigned 32-bit numbers.</summary>
    /// <exception cref="ModelFormatException">The value is of another type, or an element is beyond 32-bit signed range.</exception>
    public int[]? Integers(string key) =>
        _values.GetValueOrDefault(key) is uint[] unsigned && Array.TrueForAll(unsigned, v => v <= int.MaxValue)
            ? Array.ConvertAll(unsigned, v => (int)v)
            : Reference<int[]>(key);

    /// <summary>A bool.</summary>
    /// <exception cref="ModelFormatException">The value is of another type.</exception>
    public bool? Bool(string key) => _values.TryGetValue(key, out object? value) ? value as bool? ?? throw Wrong(key, value, "a bool") : null;

    /// <summary>An integer, stored in any integer type.</summary>
    /// <exception cref="ModelFormatException">The value is of another type or out of range.</exception>
    public int? Integer(string key)
    {
        if (!_values.TryGetValue(key, out object? value))
        {
            return null;
        }

        if (value is byte or sbyte or short or ushort or int or uint or long or ulong)
        {
            decimal number = Convert.ToDecimal(value, CultureInfo.InvariantCulture);
            if (number is >= int.MinValue and <= int.MaxValue)
            {
                return (int)number;
            }
        }

        throw Wrong(key, value, "an integer of 32 bits");
    }

    /// <summary>A floating-point number of either size.</summary>
    /// <exception cref="ModelFormatException">The value is of another type.</exception>
    public float? Float(string key) => _values.TryGetValue(key, out object? value)
        ? value switch { float f => f, double d => (float)d, _ => throw Wrong(key, value, "a floating-point number") }
        : null;

    private T? Reference<T>(string key)
        where T : class => _values.TryGetValue(key, out object? value) ? value as T ?? throw Wrong(key, value, typeof(T).Name) : null;

    private ModelFormatException Wrong(string key, object value, string expected) => new(
        _file, $"'{key}' must be {expected}, not {value.GetType().Name}{(value is Array ? string.Empty : $" {value}")}");
}
