using System.Text;
using Inference.Text.Tokenizers.Normalizers;
using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "normalizer" of a tokenizer.json.</summary>
internal static class NormalizerJson
{
    public static INormalizer? Read(JsonField field)
    {
        if (field.IsNull) return null;
        string type = field["type"].String();
        return type switch
        {
            "Sequence" => Sequence(field["normalizers"]),
            "NFC" => new UnicodeNormalizer(NormalizationForm.FormC),
            "NFD" => new UnicodeNormalizer(NormalizationForm.FormD),
            "NFKC" => new UnicodeNormalizer(NormalizationForm.FormKC),
            "NFKD" => new UnicodeNormalizer(NormalizationForm.FormKD),
            "Lowercase" => new LowercaseNormalizer(),
            "Prepend" => new PrependNormalizer(field["prepend"].String()),
            "Replace" => Replace(field["pattern"], field["content"].String()),
            "Strip" => new StripNormalizer(field["strip_left"].Bool(true), field["strip_right"].Bool(true)),
            "StripAccents" => new StripAccentsNormalizer(),
            "Precompiled" => Precompiled(field["precompiled_charsmap"]),
            "BertNormalizer" => Bert(field),
            _ => throw field.Unsupported(type),
        };
    }

    private static SequenceNormalizer? Sequence(JsonField field)
    {
        INormalizer[] steps = [.. field.Items().Select(Read).OfType<INormalizer>()];
        return steps.Length == 0 ? null : new SequenceNormalizer(steps);
    }

    private static PrecompiledNormalizer Precompiled(JsonField map)
    {
        map.String();
        return map.Element.TryGetBytesFromBase64(out byte[]? bytes) ? new PrecompiledNormalizer(bytes, map.Path) : throw map.Wrong("Base64");
    }

    private static BertNormalizer Bert(JsonField field)
    {
        bool lowers = field["lowercase"].Bool(true);
        return new BertNormalizer(field["clean_text"].Bool(true), field["handle_chinese_chars"].Bool(true), field["strip_accents"].Bool(lowers), lowers);
    }

    private static INormalizer Replace(JsonField pattern, string content)
    {
        if (pattern["String"].StringOrNull() is { } literal)
            return literal.Length > 0 ? new ReplaceNormalizer(literal, content) : throw pattern["String"].Wrong("a string that is not empty");
        return new RegexReplaceNormalizer(OnigurumaPattern.Compile(pattern["Regex"].String(), pattern["Regex"].Path), content);
    }
}
