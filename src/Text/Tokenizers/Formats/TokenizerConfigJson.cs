using System.Globalization;
using System.Text.Json;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>Reads tokenizer_config.json.</summary>
internal static class TokenizerConfigJson
{
    // Their constructors write the post-processor anew from the flags (transformers, LlamaTokenizerFast.update_post_processor).
    private static readonly string[] ObeyFlags =
        ["LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "CodeLlamaTokenizerFast", "GemmaTokenizer", "GemmaTokenizerFast"];

    public static TokenizerConfig Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(new JsonField(document.RootElement, "tokenizer_config"));
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException($"tokenizer_config.json is not valid JSON: {e.Message}", e);
        }
    }

    private static TokenizerConfig Read(JsonField root)
    {
        Dictionary<string, string> templates = Templates(root["chat_template"]);
        bool obeysFlags = root["tokenizer_class"].StringOrNull() is { } name && ObeyFlags.Contains(name);
        return new TokenizerConfig
        {
            BosToken = Token(root["bos_token"]),
            EosToken = Token(root["eos_token"]),
            PadToken = Token(root["pad_token"]),
            UnknownToken = Token(root["unk_token"]),
            ChatTemplates = templates,
            ChatTemplate = templates.GetValueOrDefault("default"),
            ModelMaxLength = Length(root["model_max_length"]),
            AddsBos = obeysFlags && !root["add_bos_token"].IsNull ? root["add_bos_token"].Bool(true) : null,
            AddsEos = obeysFlags && !root["add_eos_token"].IsNull ? root["add_eos_token"].Bool(false) : null,
            AddedTokens = root["added_tokens_decoder"].IsNull ? [] : [.. root["added_tokens_decoder"].Members().Select(AddedToken)],
        };
    }

    private static string? Token(JsonField field) => field.IsObject ? field["content"].String() : field.StringOrNull();

    private static Dictionary<string, string> Templates(JsonField field)
    {
        if (field.IsNull) return [];
        if (!field.IsArray) return new() { ["default"] = field.String() };
        Dictionary<string, string> templates = [];
        foreach (JsonField item in field.Items()) templates[item["name"].String()] = item["template"].String();
        return templates;
    }

    // Unlimited is written as 1000000000000000019884624838656.
    private static long? Length(JsonField field)
    {
        if (field.IsNull) return null;
        if (field.Element.ValueKind != JsonValueKind.Number) throw field.Wrong("a number");
        double length = field.Element.GetDouble();
        return length is > 0 and < long.MaxValue ? (long)length : null;
    }

    private static AddedToken AddedToken((string Name, JsonField Value) member) =>
        int.TryParse(member.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? AddedTokensJson.ReadToken(member.Value, id)
            : throw new TokenizerFormatException($"{member.Value.Path}: the name must be an id");
}
