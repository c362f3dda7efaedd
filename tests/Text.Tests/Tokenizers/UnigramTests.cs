using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Inference.Text.Tokenizers;
using Inference.Text.Tokenizers.Models;

namespace Inference.Text.Tests.Tokenizers;

public class UnigramTests
{
    [Fact]
    public void The_segmentation_of_the_highest_sum_wins_over_the_longest_token()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.Unigram(false, ("a", -2), ("b", -2), ("c", -1), ("ab", -3), ("abc", -5), ("bc", -1.5)));

        Assert.Equal([2, 7], tokenizer.Encode("abc")); // -2 - 1.5, against -3 - 1 and -5
        Assert.Equal([5], tokenizer.Encode("ab"));
    }

    [Fact]
    public void What_no_token_covers_is_one_unknown_token_for_a_run()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.Unigram(false, ("a", -1), ("b", -1)));

        Assert.Equal([2, 0, 3, 0], tokenizer.Encode("axäb漢"));
    }

    [Fact]
    public void What_no_token_covers_becomes_its_bytes_when_they_are_tokens()
    {
        (string, double)[] bytes = [.. Enumerable.Range(0, 256).Select(b => (ByteFallbackSpelling.Of((byte)b), -20.0))];
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.Unigram(true, [.. bytes, ("a", -1)]));

        Assert.Equal([258, 2 + 0xC3, 2 + 0xA4, 258], tokenizer.Encode("aäa"));
    }

    [Fact]
    public void Text_never_becomes_a_special_token()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.Unigram(false, ("<", -9), ("/", -9), ("s", -9), (">", -9)));

        Assert.Equal([2, 3, 4, 5], tokenizer.Encode("</s>"));
        Assert.Equal([1], tokenizer.Encode("</s>", parseSpecial: true));
    }

    [Fact]
    public void The_sum_is_that_of_the_best_of_all_segmentations()
    {
        string[] tokens = ["a", "b", "c", "ab", "bc", "ca", "abc", "bca", "aa", "é", "éa"];
        Prop.ForAll(Arb.From(Gen.Elements("a", "b", "c", "é", "x").ArrayOf()), Arb.From(Gen.Choose(-40, -1).ArrayOf(tokens.Length)), (text, scores) =>
        {
            TokenTable table = new();
            foreach ((int id, string token) in tokens.Index()) table.Add(id, Encoding.UTF8.GetBytes(token), "test");
            UnigramModel model = new(table, [.. scores.Select(s => (float)s)], _ => true, unknownId: 99, byteFallback: false);
            string whole = string.Concat(text);
            List<int> ids = [];
            model.Encode(whole, ids);

            // Each x costs the least score less 10; a run of them is one id.
            double unknown = scores.Min() - UnigramModel.UnknownPenalty;
            double sum = ids.Where(id => id != 99).Sum(id => scores[id]) + (whole.Count(c => c == 'x') * unknown);
            return sum == Best(whole, tokens, scores, unknown);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_longest_entry_of_a_character_map_is_replaced_and_the_rest_stays()
    {
        // The double array of "a" -> "x" and "ab" -> "": the root's children are at 0 ^ label, and so on; see PrecompiledNormalizer.
        string json = """{"model":{"vocab":[["<unk>",0],["x",-1],["b",-1],["c",-1]],"unk_id":0},"normalizer":{"type":"Precompiled","precompiled_charsmap":"MAP"}}""";
        Tokenizer tokenizer = Tokenizer.FromJson(Encoding.UTF8.GetBytes(json.Replace("MAP", Convert.ToBase64String(CharacterMap.AToXAndAbToNothing()), StringComparison.Ordinal)));

        Assert.Equal([1, 3, 2, 3], tokenizer.Encode("acababbc"));
    }

    // By trying every token at every place.
    private static double Best(string text, string[] tokens, int[] scores, double unknown)
    {
        double[] best = new double[text.Length + 1];
        for (int start = text.Length - 1; start >= 0; start--)
        {
            best[start] = text[start] == 'x' ? unknown + best[start + 1] : double.NegativeInfinity;
            foreach ((int id, string token) in tokens.Index())
            {
                if (string.CompareOrdinal(text, start, token, 0, token.Length) == 0 && start + token.Length <= text.Length)
                    best[start] = Math.Max(best[start], scores[id] + best[start + token.Length]);
            }

            // A character that only longer tokens begin with may still be unknown by itself.
            if (!tokens.Contains(text[start].ToString())) best[start] = Math.Max(best[start], unknown + best[start + 1]);
        }

        return best[0];
    }
}
