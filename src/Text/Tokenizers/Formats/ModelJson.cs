using System.Text;
using System.Text.Json;
using Inference.Text.Tokenizers.Models;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "model" of a tokenizer.json, streamed: BPE, Unigram or WordPiece.</summary>
internal sealed class ModelJson
{
    private readonly MergeTable _merges;
    private readonly List<float> _scores = [];
    private bool _hasMerges;
    private readonly Dictionary<string, JsonField> _settings = [];

    // A token, and a merge, takes about 20 bytes of the file.
    private ModelJson(int jsonLength) => (Tokens, _merges) = (new TokenTable(jsonLength / 40), new MergeTable(jsonLength / 40));

    public TokenTable Tokens { get; }

    /// <summary>BPE, Unigram or WordPiece; older files do not say, but only Unigram lists its vocabulary, and only WordPiece has a prefix and no merges.</summary>
    public string Type => Setting("type").StringOrNull()
        ?? (_scores.Count > 0 ? "Unigram" : !_hasMerges && Setting("continuing_subword_prefix").StringOrNull() is not null ? "WordPiece" : "BPE");

    /// <summary>The unknown token as the vocabulary spells it; null where there is none.</summary>
    public string? UnknownToken => Type != "Unigram" ? Setting("unk_token").StringOrNull()
        : Setting("unk_id").IsNull ? null
        : Tokens.Contains(Setting("unk_id").Int()) ? Tokens.Text(Setting("unk_id").Int())
        : throw new TokenizerFormatException($"model.unk_id {Setting("unk_id").Int()} is not in model.vocab");

    /// <summary>Reads from the object's beginning to its end.</summary>
    public static ModelJson Read(ref Utf8JsonReader reader, int jsonLength)
    {
        ModelJson model = new(jsonLength);
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

    /// <param name="byteLevel">Whether pieces are bytes in the byte-level alphabet.</param>
    /// <param name="unknownId">The unknown token's id.</param>
    /// <param name="isSpecial">Whether a token is control, which text never becomes.</param>
    public ITokenModel Build(bool byteLevel, int? unknownId, Func<int, bool> isSpecial)
    {
        if (UnknownToken is { } unknown && unknownId is null) throw new TokenizerFormatException($"model.unk_token \"{unknown}\" is not in model.vocab");
        return (Type, _scores.Count > 0 || Tokens.Size == 0) switch
        {
            ("BPE", _) => Bpe(byteLevel, unknownId ?? -1),
            ("WordPiece", _) => new WordPieceModel(Tokens, new WordPieceOptions(
                "", Setting("continuing_subword_prefix").StringOrNull() ?? "##", unknownId ?? -1, MaxCodePoints())),
            ("Unigram", true) => new UnigramModel(
                Tokens, [.. _scores], id => id != unknownId && !isSpecial(id), unknownId ?? -1, Setting("byte_fallback").Bool(false)),
            ("Unigram", false) => throw new TokenizerFormatException("model.vocab must be an array of tokens and scores"),
            _ => throw new TokenizerFormatException($"model.type \"{Type}\" is not supported, only \"BPE\", \"Unigram\" and \"WordPiece\""),
        };
    }

    private BpeModel Bpe(bool byteLevel, int unknownId)
    {
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Setting(affix).StringOrNull() is { Length: > 0 } value) throw new TokenizerFormatException($"model.{affix} \"{value}\" is not supported");
        }

        return new BpeModel(Tokens, _merges, new BpeOptions(
            byteLevel, Setting("byte_fallback").Bool(false), unknownId, Setting("fuse_unk").Bool(false), Setting("ignore_merges").Bool(false)));
    }

    private int MaxCodePoints() => Setting("max_input_chars_per_word") is { IsNull: false } limit ? limit.Int() : 100;

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
        {
            ReadScoredVocabulary(ref reader);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject) throw new TokenizerFormatException("model.vocab must be an object or an array");
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

    private void ReadScoredVocabulary(ref Utf8JsonReader reader)
    {
        byte[] buffer = new byte[256];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isPair = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String;
            ReadOnlySpan<byte> token = isPair ? Utf8(ref reader, ref buffer) : default;
            isPair = isPair && reader.Read() && reader.TokenType == JsonTokenType.Number;
            double score = isPair ? reader.GetDouble() : 0;
            if (!isPair || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
                throw new TokenizerFormatException($"model.vocab[{_scores.Count}] must be [\"token\", score]");
            Tokens.Add(_scores.Count, token, "model.vocab", findable: Tokens.Find(token) < 0);
            _scores.Add((float)score);
        }
    }

    private void ReadMerges(ref Utf8JsonReader reader)
    {
        _hasMerges = true;
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
