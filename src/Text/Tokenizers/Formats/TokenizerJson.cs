using System.Text;
using Inference.Text.Tokenizers.Normalizers;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>
/// Reads a Hugging Face tokenizer.json. The vocabulary and the merges, nearly all of the file, are streamed; the small rest is read
/// as a document.
/// </summary>
internal static class TokenizerJson
{
    /// <exception cref="TokenizerFormatException">The message names the field.</exception>
    public static TokenizerDefinition Read(ReadOnlySpan<byte> json, TokenizerConfig config)
    {
        Dictionary<string, JsonField> fields = [];
        ModelJson? model = null;
        JsonCursor cursor = new(json.StartsWith("\uFEFF"u8) ? json[3..] : json, "tokenizer.json");
        if (!cursor.TrySkip('{')) throw new TokenizerFormatException("tokenizer.json must be an object");
        byte[] buffer = new byte[256];
        for (bool isFirst = true; cursor.Next('}', ref isFirst);)
        {
            string name = Encoding.UTF8.GetString(cursor.String(ref buffer));
            cursor.Skip(':');
            if (name == "model") model = ModelJson.Read(ref cursor, json.Length);
            else fields[name] = new JsonField(cursor.Value(), name);
        }

        if (!cursor.IsAtEnd) throw new TokenizerFormatException("tokenizer.json goes on after its object");
        if (model is null) throw new TokenizerFormatException("tokenizer.json has no model");
        return Assemble(model, fields, config);
    }

    private static TokenizerDefinition Assemble(ModelJson model, Dictionary<string, JsonField> fields, TokenizerConfig config)
    {
        JsonField Field(string name) => fields.TryGetValue(name, out JsonField field) ? field : new JsonField(default, name);
        INormalizer? normalizer = NormalizerJson.Read(Field("normalizer"));
        PreTokenizerJson preTokenizer = PreTokenizerJson.Read(Field("pre_tokenizer"));
        IReadOnlyList<AddedToken> added = AddedTokensJson.Read(Field("added_tokens"), config.AddedTokens);
        HashSet<int> special = [.. added.Where(t => t.IsSpecial).Select(t => t.Id)];
        (int[] prefix, int[] suffix) = PostProcessorJson.Read(Field("post_processor"));
        int? Id(string? token) => token is null ? null
            : added.FirstOrDefault(t => t.Content == token)?.Id ?? (model.Tokens.Find(token) is int id and >= 0 ? id : null);
        if (config.AddsBos is { } addsBos) prefix = addsBos && Id(config.BosToken) is { } bos ? [bos] : [];
        if (config.AddsEos is { } addsEos) suffix = addsEos && Id(config.EosToken) is { } eos ? [eos] : [];
        return new TokenizerDefinition
        {
            Tokens = model.Tokens,
            Model = model.Build(preTokenizer.ByteLevel, Id(model.UnknownToken), special.Contains),
            Decoding = DecoderJson.Read(Field("decoder")),
            AddedTokens = added,
            Normalizer = normalizer,
            PreTokenizer = preTokenizer.Steps,
            Prefix = prefix,
            Suffix = suffix,
            BosTokenId = Id(config.BosToken),
            EosTokenId = Id(config.EosToken),
            PadTokenId = Id(config.PadToken),
            UnknownTokenId = Id(config.UnknownToken ?? model.UnknownToken),
            Config = config,
        };
    }
}
