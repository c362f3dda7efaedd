namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "post_processor" of a tokenizer.json: the ids before and after a single text.</summary>
internal static class PostProcessorJson
{
    public static (int[] Prefix, int[] Suffix) Read(JsonField field)
    {
        if (field.IsNull) return ([], []);
        string type = field["type"].String();
        return type switch
        {
            "ByteLevel" => ([], []),
            "TemplateProcessing" => Template(field),
            "BertProcessing" or "RobertaProcessing" => ([Id(field["cls"])], [Id(field["sep"])]),
            "Sequence" => Sequence(field["processors"]),
            _ => throw field.Unsupported(type),
        };
    }

    // ["[CLS]", 101]
    private static int Id(JsonField pair) => pair.Items().Skip(1).FirstOrDefault() is { IsNull: false } id ? id.Int() : throw pair.Wrong("[\"token\", id]");

    private static (int[] Prefix, int[] Suffix) Sequence(JsonField field)
    {
        (int[] prefix, int[] suffix) = ((int[])[], (int[])[]);
        foreach ((int[] before, int[] after) in field.Items().Select(Read))
            (prefix, suffix) = ([.. before, .. prefix], [.. suffix, .. after]);
        return (prefix, suffix);
    }

    private static (int[] Prefix, int[] Suffix) Template(JsonField field)
    {
        (List<int> prefix, List<int> suffix) = ([], []);
        bool afterText = false;
        foreach (JsonField item in field["single"].Items())
        {
            if (!item["Sequence"].IsNull) afterText = true;
            else (afterText ? suffix : prefix).AddRange(Ids(field["special_tokens"], item["SpecialToken"]["id"].String()));
        }

        return afterText ? ([.. prefix], [.. suffix]) : throw field["single"].Wrong("a template with a Sequence");
    }

    private static IEnumerable<int> Ids(JsonField specialTokens, string name)
    {
        JsonField ids = specialTokens[name];
        return ids.IsNull
            ? throw new TokenizerFormatException($"{specialTokens.Path} lacks \"{name}\", which the template names")
            : ids["ids"].Items().Select(id => id.Int());
    }
}
