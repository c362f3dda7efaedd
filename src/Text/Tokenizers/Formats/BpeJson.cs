using System.Text;
using System.Text.Json;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "model" of a tokenizer.json, streamed.</summary>
internal sealed class BpeJson
{
    private readonly MergeTable _merges;
    private readonly Dictionary<string, JsonField> _settings = [];

    // A token, and a merge, takes about 20 bytes of the file.
    private BpeJson(int jsonLength) => (Tokens, _merges) = (new TokenTable(jsonLength / 40), new MergeTable(jsonLength / 40));

    public TokenTable Tokens { get; }

    public string? UnknownToken => Setting("unk_token").StringOrNull();

    /// <summary>Reads from the object's beginning to its end.</summary>
    public static BpeJson Read(ref Utf8JsonReader reader, int jsonLength)
    {
        BpeJson model = new(jsonLength);
        if (reader.TokenType != JsonTokenType.StartObject) throw new TokenizerFormatException("model must be an object");
        Utf8JsonReader early = default;
        (bool hasVocabulary, bool hasEarlyMerges) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "vocab":
                    model.ReadVocabulary(ref reader);
                    hasVocabulary = true;
                    break;
                case "merges" when hasVocabulary:
                    model.ReadMerges(ref reader);
                    break;
                case "merges":
                    early = reader;
                    hasEarlyMerges = true;
                    reader.Skip();
                    break;
                default:
                    model._settings[name] = new JsonField(JsonElement.ParseValue(ref reader), $"model.{name}");
                    break;
            }
        }

        if (!hasVocabulary) throw new TokenizerFormatException("model.vocab is missing");
        if (hasEarlyMerges) model.ReadMerges(ref early);
        return model;
    }

    public BpeModel Build(bool byteLevel, int? unknownId)
    {
        if (Setting("type").StringOrNull() is { } type && type != "BPE") throw new TokenizerFormatException($"model.type \"{type}\" is not supported, only \"BPE\"");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Setting(affix).StringOrNull() is { Length: > 0 } value) throw new TokenizerFormatException($"model.{affix} \"{value}\" is not supported");
        }

        if (UnknownToken is { } unknown && unknownId is null) throw new TokenizerFormatException($"model.unk_token \"{unknown}\" is not in model.vocab");
        return new BpeModel(Tokens, _merges, new BpeOptions(
            byteLevel,
            Setting("byte_fallback").Bool(false),
            unknownId ?? -1,
            Setting("fuse_unk").Bool(false),
            Setting("ignore_merges").Bool(false)));
    }

    private static ReadOnlySpan<byte> Utf8(ref Utf8JsonReader reader, ref byte[] buffer)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan;
        if (buffer.Length < reader.ValueSpan.Length) buffer = new byte[reader.ValueSpan.Length * 2];
        return buffer.AsSpan(0, CopyUnescaped(ref reader, buffer));
    }

    private static int CopyUnescaped(ref Utf8JsonReader reader, byte[] buffer)
    {
        try
        {
            return reader.CopyString(buffer);
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerFormatException($"model: the string at byte {reader.TokenStartIndex} is not valid Unicode", e);
        }
    }

    private JsonField Setting(string name) => _settings.TryGetValue(name, out JsonField field) ? field : new JsonField(default, $"model.{name}");

    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
            throw new TokenizerFormatException("model.vocab is an array, as of a Unigram model; only \"BPE\" is supported");
        if (reader.TokenType != JsonTokenType.StartObject) throw new TokenizerFormatException("model.vocab must be an object");
        byte[] buffer = new byte[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> token = Utf8(ref reader, ref buffer);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id))
                throw new TokenizerFormatException($"model.vocab[\"{Encoding.UTF8.GetString(token)}\"] must be a whole number");
            if (Tokens.Find(token) >= 0) throw new TokenizerFormatException($"model.vocab has \"{Encoding.UTF8.GetString(token)}\" twice");
            Tokens.Add(id, token, "model.vocab");
        }
    }

    private void ReadMerges(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndObject) return;
        }

        if (reader.TokenType != JsonTokenType.StartArray) throw new TokenizerFormatException("model.merges must be an array");
        (byte[] first, byte[] second) = (new byte[256], new byte[256]);
        MergeBuilder builder = new(Tokens, _merges, "model.merges");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                builder.Add(Utf8(ref reader, ref first));
                continue;
            }

            bool isPair = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String;
            ReadOnlySpan<byte> left = isPair ? Utf8(ref reader, ref first) : default;
            isPair = isPair && reader.Read() && reader.TokenType == JsonTokenType.String;
            ReadOnlySpan<byte> right = isPair ? Utf8(ref reader, ref second) : default;
            if (!isPair || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
                throw new TokenizerFormatException($"model.merges[{builder.Count}] must be \"a b\" or [\"a\", \"b\"]");
            builder.Add(left, right);
        }
    }
}
