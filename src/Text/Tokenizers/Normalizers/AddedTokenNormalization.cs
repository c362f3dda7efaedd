namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>
/// What to look for in normalized text to find an added token. A normalizer that prepends has done so only at the beginning of
/// the segment, so both forms count: with the prefix (Hugging Face finds only that one) and without.
/// </summary>
internal static class AddedTokenNormalization
{
    public static IEnumerable<string> Patterns(string content, INormalizer? normalizer)
    {
        if (normalizer is null) return [content];
        string whole = normalizer.Apply(content);
        string inner = WithoutPrepending(normalizer, content);
        return whole == inner ? [whole] : [whole, inner];
    }

    private static string WithoutPrepending(INormalizer normalizer, string content) => normalizer switch
    {
        PrependNormalizer => content,
        SequenceNormalizer sequence => sequence.Steps.Aggregate(content, (text, step) => WithoutPrepending(step, text)),
        _ => normalizer.Apply(content),
    };
}
