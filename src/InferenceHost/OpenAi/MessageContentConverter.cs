using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Content of a message: a string, or text parts, which are joined by line ends.</summary>
internal sealed class MessageContentConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("must be a string or a list of text parts");
        }

        StringBuilder text = new();
        for (int part = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; part++)
        {
            text.Append(part == 0 ? "" : "\n").Append(Part(ref reader));
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static string Part(ref Utf8JsonReader reader)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement part = document.RootElement;
        if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out JsonElement type) || type.ValueKind != JsonValueKind.String)
        {
            throw new JsonException("each part must be an object with a \"type\"");
        }

        if (!type.ValueEquals("text"))
        {
            throw new JsonException("only parts of type \"text\" are supported");
        }

        return part.TryGetProperty("text", out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()! : throw new JsonException("a text part must have a string \"text\"");
    }
}
