using System.Text;
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
    private ModelJson(int jsonLength) => (Tokens, _merges) = (new TokenTable(jsonLength / 40, jsonLength / 6), new MergeTable(jsonLength / 40));

    public TokenTable Tokens { get; }

    /// <summary>BPE, Unigram or WordPiece; older files do not say, but only Unigram lists its vocabulary, and only WordPiece has a prefix and no merges.</summary>
    public string Type => Setting("type").StringOrNull()
        ?? (_scores.Count > 0 ? "Unigram" : !_hasMerges && Setting("continuing_subword_prefix").StringOrNull() is not null ? "WordPiece" : "BPE");

    /// <summary>The unknown token as the vocabulary spells it; null where there is none.</summary>
    public string? UnknownToken => Type != "Unigram" ? Setting("unk_token").StringOrNull()
        : Setting("unk_id").IsNull ? null
        : Tokens.Contains(Setting("unk_id").Int()) ? Tokens.Text(Setting("unk_id").Int())
        : throw new TokenizerFormatException($"model.unk_id {Setting("unk_id").Int()} is not in model.vocab");

    /// <summary>Reads the object that is next.</summary>
    public static ModelJson Read(ref JsonCursor json, int length)
    {
        ModelJson model = new(length);
        if (!json.TrySkip('{')) throw new TokenizerFormatException("model must be an object");
        byte[] buffer = new byte[256];
        (bool hasVocabulary, int mergesBefore) = (false, -1);
        for (bool isFirst = true; json.Next('}', ref isFirst);)
        {
            string name = Encoding.UTF8.GetString(json.String(ref buffer));
            json.Skip(':');
            switch (name)
            {
                case "vocab":
                    model.ReadVocabulary(ref json);
                    hasVocabulary = true;
                    break;
                case "merges" when hasVocabulary:
                    model.ReadMerges(ref json);
                    break;
                case "merges":
                    mergesBefore = json.Position;
                    json.SkipValue();
                    break;
                default:
                    model._settings[name] = new JsonField(json.Value(), $"model.{name}");
                    break;
            }
        }

        if (!hasVocabulary) throw new TokenizerFormatException("model.vocab is missing");
        if (mergesBefore < 0) return model;
        int end = json.Position;
        json.Position = mergesBefore;
        model.ReadMerges(ref json);
        json.Position = end;
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

    private JsonField Setting(string name) => _settings.TryGetValue(name, out JsonField field) ? field : new JsonField(default, $"model.{name}");

    private void ReadVocabulary(ref JsonCursor json)
    {
        if (json.Peek() == '[')
        {
            ReadScoredVocabulary(ref json);
            return;
        }

        if (!json.TrySkip('{')) throw new TokenizerFormatException("model.vocab must be an object or an array");
        byte[] buffer = new byte[256];
        for (bool isFirst = true; json.Next('}', ref isFirst);)
        {
            ReadOnlySpan<byte> token = json.String(ref buffer);
            json.Skip(':');
            if (!json.TryInt(out int id)) throw new TokenizerFormatException($"model.vocab[\"{Encoding.UTF8.GetString(token)}\"] must be a whole number");
            if (!Tokens.Add(id, token, "model.vocab")) throw new TokenizerFormatException($"model.vocab has \"{Encoding.UTF8.GetString(token)}\" twice");
        }
    }

    private void ReadScoredVocabulary(ref JsonCursor json)
    {
        byte[] buffer = new byte[256];
        json.Skip('[');
        for (bool isFirst = true; json.Next(']', ref isFirst);)
        {
            ReadOnlySpan<byte> token = default;
            double score = 0;
            bool isPair = json.TrySkip('[') && json.Peek() == '"';
            if (isPair) token = json.String(ref buffer);
            if (!isPair || !json.TrySkip(',') || !json.TryDouble(out score) || !json.TrySkip(']'))
                throw new TokenizerFormatException($"model.vocab[{_scores.Count}] must be [\"token\", score]");
            Tokens.Add(_scores.Count, token, "model.vocab");
            _scores.Add((float)score);
        }
    }

    private void ReadMerges(ref JsonCursor json)
    {
        _hasMerges = true;
        if (json.TrySkip('{') && json.TrySkip('}')) return;
        if (!json.TrySkip('[')) throw new TokenizerFormatException("model.merges must be an array");
        (byte[] first, byte[] second) = (new byte[256], new byte[256]);
        MergeBuilder builder = new(Tokens, _merges, "model.merges");
        for (bool isFirst = true; json.Next(']', ref isFirst);)
        {
            if (json.Peek() == '"')
            {
                builder.Add(json.String(ref first));
                continue;
            }

            ReadOnlySpan<byte> left = default, right = default;
            bool isPair = json.TrySkip('[') && json.Peek() == '"';
            if (isPair) left = json.String(ref first);
            isPair = isPair && json.TrySkip(',') && json.Peek() == '"';
            if (isPair) right = json.String(ref second);
            if (!isPair || !json.TrySkip(']')) throw new TokenizerFormatException($"model.merges[{builder.Count}] must be \"a b\" or [\"a\", \"b\"]");
            builder.Add(left, right);
        }
    }
}
