using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Models.Weights;

/// <summary>Typed reading of a JSON object's keys; null stands for missing, and errors name the file and the key.</summary>
internal sealed class JsonKeys
{
    private readonly JsonElement _object;
    private readonly string _prefix;
    private readonly JsonElement? _defaults;

    private JsonKeys(string file, JsonElement json, string prefix, JsonElement? defaults = null)
    {
        File = file;
        _object = json;
        _prefix = prefix;
        _defaults = defaults;
    }

    public string File { get; }

    public static JsonKeys Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonKeys(path, document.RootElement.Clone(), string.Empty)
                : throw new ModelFormatException(path, "the file is not a JSON object");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>The same keys, where those that are not there at all have the values of <paramref name="defaults"/>; null in the file stays null.</summary>
    public JsonKeys WithDefaults(JsonObject defaults) => new(File, _object, _prefix, JsonSerializer.SerializeToElement(defaults));

    public ModelFormatException Wrong(string key, string problem) => new(File, $"'{_prefix}{key}' {problem}");

    /// <summary>The keys of the object, in its order.</summary>
    public IEnumerable<string> Names => _object.EnumerateObject().Select(property => property.Name);

    /// <summary>The value as it is; null where it is missing or null.</summary>
    public JsonElement? Element(string key) => Value(key);

    public JsonKeys? Section(string key) => Value(key) is JsonElement value
        ? value.ValueKind == JsonValueKind.Object ? new JsonKeys(File, value, $"{_prefix}{key}.") : throw Wrong(key, "must be an object")
        : null;

    public string? Text(string key) => Value(key) is JsonElement value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, $"must be a string, not {value}")
        : null;

    public bool? Bool(string key) => Value(key) is JsonElement value
        ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(key, $"must be true or false, not {value}")
        : null;

    public float? Float(string key) => Value(key) is JsonElement value
        ? value.ValueKind == JsonValueKind.Number ? value.GetSingle() : throw Wrong(key, $"must be a number, not {value}")
        : null;

    public int Integer(string key) => OptionalInteger(key) ?? throw Wrong(key, "is missing");

    public int? OptionalInteger(string key) => Value(key) is JsonElement value ? ToInteger(key, value) : null;

    public int[] IntegerOrList(string key) => Value(key) is JsonElement value
        ? value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(v => ToInteger(key, v))] : [ToInteger(key, value)]
        : [];

    /// <summary>A list, each element read by <paramref name="convert"/>, which gives null for what it does not take.</summary>
    public T[]? List<T>(string key, Func<JsonElement, T?> convert, string kind)
        where T : notnull => Value(key) is JsonElement value
        ? value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(v => convert(v) ?? throw Wrong(key, $"must be a list of {kind}, not of {v}"))]
            : throw Wrong(key, $"must be a list of {kind}, not {value}")
        : null;

    public string[]? Texts(string key) => List(key, v => v.ValueKind == JsonValueKind.String ? v.GetString() : null, "strings");

    public float[]? Floats(string key) =>
        List<object>(key, v => v.ValueKind == JsonValueKind.Number ? v.GetSingle() : null, "numbers")?.Cast<float>().ToArray();

    private int ToInteger(string key, JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
        ? number
        : throw Wrong(key, $"must be an integer, not {value}");

    private JsonElement? Value(string key)
    {
        if (_object.TryGetProperty(key, out JsonElement value) || (_defaults is JsonElement defaults && defaults.TryGetProperty(key, out value)))
        {
            return value.ValueKind != JsonValueKind.Null ? value : null;
        }

        return null;
    }
}
