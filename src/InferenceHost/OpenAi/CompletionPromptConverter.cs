using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Reads the four forms of `prompt`.</summary>
internal sealed class CompletionPromptConverter : JsonConverter<CompletionPrompt>
{
    private const string Expected = "must be a string, a list of strings, a list of token ids or a list of lists of token ids";

    /// <inheritdoc/>
    public override CompletionPrompt Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new CompletionPrompt([reader.GetString()!], null);
        }

        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read())
        {
            throw new JsonException(Expected);
        }

        return reader.TokenType switch
        {
            JsonTokenType.EndArray => new CompletionPrompt([], null),
            JsonTokenType.String => new CompletionPrompt(Texts(ref reader), null),
            JsonTokenType.Number => new CompletionPrompt(null, [Ids(ref reader)]),
            JsonTokenType.StartArray => new CompletionPrompt(null, IdLists(ref reader)),
            _ => throw new JsonException(Expected),
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CompletionPrompt value, JsonSerializerOptions options) =>
        throw new NotSupportedException("prompts are only read");

    private static List<string> Texts(ref Utf8JsonReader reader)
    {
        List<string> texts = [];
        do
        {
            texts.Add(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException(Expected));
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray);
        return texts;
    }

    private static List<int> Ids(ref Utf8JsonReader reader)
    {
        List<int> ids = [];
        while (reader.TokenType != JsonTokenType.EndArray)
        {
            ids.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int id) ? id : throw new JsonException(Expected));
            reader.Read();
        }

        return ids;
    }

    private static List<IReadOnlyList<int>> IdLists(ref Utf8JsonReader reader)
    {
        List<IReadOnlyList<int>> lists = [];
        do
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException(Expected);
            }

            reader.Read();
            lists.Add(Ids(ref reader));
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray);
        return lists;
    }
}
