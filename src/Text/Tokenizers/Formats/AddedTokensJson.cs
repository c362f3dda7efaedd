namespace Inference.Text.Tokenizers.Formats;

/// <summary>The "added_tokens" of a tokenizer.json, with what tokenizer_config.json adds.</summary>
internal static class AddedTokensJson
{
    public static IReadOnlyList<AddedToken> Read(JsonField field, IReadOnlyList<AddedToken> configured)
    {
        List<AddedToken> tokens = field.IsNull ? [] : [.. field.Items().Select(item => ReadToken(item, item["id"].Int()))];
        HashSet<int> known = [.. tokens.Select(t => t.Id)];
        return [.. tokens, .. configured.Where(t => known.Add(t.Id))];
    }

    public static AddedToken ReadToken(JsonField item, int id)
    {
        if (id is < 0 or > TokenTable.MaxId) throw new TokenizerFormatException($"{item.Path}: the id {id} is not within 0..{TokenTable.MaxId}");
        bool special = item["special"].Bool(false);
        return new AddedToken(
            id,
            item["content"].String(),
            special,
            item["single_word"].Bool(false),
            item["lstrip"].Bool(false),
            item["rstrip"].Bool(false),
            item["normalized"].Bool(!special));
    }
}
