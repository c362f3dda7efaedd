namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "decoder" of a tokenizer.json, as rules that need no look back, so that decoding can go token by token.</summary>
internal static class DecoderJson
{
    public static TokenDecoding Read(JsonField field) => field.IsNull ? new TokenDecoding() : Add(new TokenDecoding(), field);

    private static TokenDecoding Add(TokenDecoding decoding, JsonField field)
    {
        string type = field["type"].String();
        switch (type)
        {
            case "Sequence":
                return field["decoders"].Items().Aggregate(decoding, Add);
            case "ByteLevel":
                return decoding with { ByteLevel = true };
            case "ByteFallback":
                return decoding with { ByteFallback = true };
            case "Fuse":
                return decoding;
            case "Replace":
                if (field["pattern"]["String"].StringOrNull() is not { Length: > 0 } literal) throw field["pattern"].Wrong("{\"String\": ...}");
                return decoding with { Replacements = [.. decoding.Replacements, (literal, field["content"].String())] };
            case "Strip":
                if (field["content"].String() is not { Length: 1 } content || !char.IsAscii(content[0])) throw field["content"].Wrong("one ASCII character");
                if (field["stop"].Int() != 0) throw field["stop"].Wrong("0");
                if (field["start"].Int() < 0) throw field["start"].Wrong("0 or above");
                return decoding with { StripCharacter = content[0], StripCount = field["start"].Int() };
            case "Metaspace":
                bool never = field["prepend_scheme"].StringOrNull() == "never" || !field["add_prefix_space"].Bool(true);
                return decoding with
                {
                    Replacements = [.. decoding.Replacements, (field["replacement"].StringOrNull() ?? "\u2581", " ")],
                    StripCount = never ? 0 : 1,
                };
            case "WordPiece":
                return decoding with
                {
                    WordPiecePrefix = field["prefix"].StringOrNull() ?? "##",
                    CleansUp = field["cleanup"].Bool(true),
                    StripCount = 1,
                };
            default:
                throw field.Unsupported(type);
        }
    }
}
