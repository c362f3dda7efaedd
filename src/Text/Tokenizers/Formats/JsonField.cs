using System.Text.Json;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>A JSON value with its path, so that every error names the field.</summary>
internal readonly struct JsonField(JsonElement element, string path)
{
    public string Path { get; } = path;

    public JsonElement Element { get; } = element;

    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public bool IsString => Element.ValueKind == JsonValueKind.String;

    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public bool IsArray => Element.ValueKind == JsonValueKind.Array;

    /// <summary>The member <paramref name="name"/>; null-like when it is absent.</summary>
    public JsonField this[string name]
    {
        get
        {
            Require(JsonValueKind.Object, "an object");
            return new JsonField(Element.TryGetProperty(name, out JsonElement value) ? value : default, $"{Path}.{name}");
        }
    }

    public string String()
    {
        Require(JsonValueKind.String, "a string");
        return Element.GetString()!;
    }

    public string? StringOrNull() => IsNull ? null : String();

    public bool Bool(bool ifAbsent)
    {
        if (IsNull) return ifAbsent;
        return Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? Element.GetBoolean() : throw Wrong("true or false");
    }

    public int Int()
    {
        Require(JsonValueKind.Number, "a whole number");
        return Element.TryGetInt32(out int value) ? value : throw Wrong("a whole number of 32 bits");
    }

    public IEnumerable<JsonField> Items()
    {
        Require(JsonValueKind.Array, "an array");
        return Enumerate(this);

        static IEnumerable<JsonField> Enumerate(JsonField field)
        {
            int index = 0;
            foreach (JsonElement item in field.Element.EnumerateArray()) yield return new JsonField(item, $"{field.Path}[{index++}]");
        }
    }

    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        Require(JsonValueKind.Object, "an object");
        return Enumerate(this);

        static IEnumerable<(string, JsonField)> Enumerate(JsonField field)
        {
            foreach (JsonProperty member in field.Element.EnumerateObject())
                yield return (member.Name, new JsonField(member.Value, $"{field.Path}[\"{member.Name}\"]"));
        }
    }

    public TokenizerFormatException Wrong(string wanted)
    {
        string found = IsNull ? "nothing" : Element.GetRawText();
        return new TokenizerFormatException($"{Path} must be {wanted}, not {(found.Length > 80 ? found[..80] + "..." : found)}");
    }

    /// <summary>An error for a "type" this project does not know.</summary>
    public TokenizerFormatException Unsupported(string type) => new($"{Path}.type \"{type}\" is not supported");

    private void Require(JsonValueKind kind, string wanted)
    {
        if (Element.ValueKind != kind) throw Wrong(wanted);
    }
}
