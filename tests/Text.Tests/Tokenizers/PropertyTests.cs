using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Inference.Text.Tokenizers;
using Inference.Text.Tokenizers.Models;
using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tests.Tokenizers;

public class PropertyTests
{
    private static readonly Tokenizer Bytes =
        SmallTokenizers.Load(SmallTokenizers.AddToken(SmallTokenizers.ByteLevel("a b", "Ġ a", "Ġ ab", "Ã ¤", "ð Ł", "1 2"), 262, "<|end|>"));

    private static readonly Tokenizer Characters = SmallTokenizers.Load(SmallTokenizers.SentencePiece(
        ["▁", "a", "b", "ab", "▁a", "漢", "▁▁"], ["a b", "▁ a", "▁ ▁"]));

    [Fact]
    public void Byte_level_text_comes_back_with_lone_surrogates_replaced() => Prop
        .ForAll(RandomText.Any, text => Bytes.Decode(Bytes.Encode(text)) == WithoutLoneSurrogates(text))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Text_over_characters_with_byte_fallback_comes_back() => Prop
        .ForAll(RandomText.Any, text => Characters.Decode(Characters.Encode(text)) == WithoutLoneSurrogates(text).Replace('▁', ' '))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Incremental_text_is_the_text_of_all_and_never_half_a_character() => Prop
        .ForAll(Arb.From(Gen.Choose(-1, 270).ArrayOf()), ids => new[] { Bytes, Characters }.All(tokenizer => new[] { false, true }.All(skip =>
        {
            IncrementalDetokenizer detokenizer = new(tokenizer, skip);
            string[] parts = [.. ids.Select(detokenizer.Push), detokenizer.Flush()];
            return string.Concat(parts) == Oracle(tokenizer, ids, skip)
                && string.Concat(parts) == tokenizer.Decode(ids, skip)
                && parts.All(p => p == WithoutLoneSurrogates(p));
        })))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void The_heap_merges_as_the_scan_does() => Prop
        .ForAll(Arb.From(Gen.Choose(0, 3).ArrayOf(200)), symbols =>
        {
            MergeTable merges = new();
            int rank = 0;
            foreach ((int left, int right, int id) in ((int, int, int)[])[(1, 2, 4), (0, 0, 5), (5, 0, 6), (4, 3, 7), (5, 5, 8), (7, 7, 9), (3, 5, 10)])
                merges.Add(left, right, rank++ / 2, id);
            (int[] scanned, int[] heaped) = (symbols[..40], symbols[..40]);
            int[] whole = [.. symbols];
            int[] wholeByHeap = [.. symbols];
            return scanned.AsSpan(0, BpeMerger.MergeByScan(scanned, merges)).SequenceEqual(heaped.AsSpan(0, BpeMerger.MergeByHeap(heaped, merges)))
                && whole.AsSpan(0, BpeMerger.MergeByScan(whole, merges)).SequenceEqual(wholeByHeap.AsSpan(0, BpeMerger.MergeByHeap(wholeByHeap, merges)));
        })
        .QuickCheckThrowOnFailure();

    public static TheoryData<string> WrittenOut =>
    [
        Gpt2Scanner.Pattern,
        Llama3Scanner.PatternFor("{1,3}"),
        Llama3Scanner.PatternFor(""),
        Llama3Scanner.PossessivePatternFor("{1,3}"),
        Llama3Scanner.PossessivePatternFor(""),
        CasedWordScanner.PatternFor("{1,3}", contractions: true),
        CasedWordScanner.PatternFor("", contractions: false),
        DeepSeek3Scanner.Pattern,
        @"\p{N}{2,3}",
        "\\s?[a-c\\p{P}\u3000]+",
        @" ?[^\s\p{L}]{2,}",
    ];

    [Theory]
    [MemberData(nameof(WrittenOut))]
    public void A_written_out_scanner_finds_what_the_regex_finds(string pattern)
    {
        // Oniguruma folds the long s to s, .NET does not.
        string forNet = pattern.Replace("(?i:'s|", "(?i:'s|'ſ|", StringComparison.Ordinal).Replace("(?i:[sdmt]|", "(?i:[sdmtſ]|", StringComparison.Ordinal);
        Regex regex = OnigurumaPattern.Compile(forNet, "test");
        Scanner scanner = ScannerFactory.Create(pattern, "test");
        Assert.IsNotType<RegexScanner>(scanner);

        Prop.ForAll(RandomText.BasicPlane, text =>
        {
            List<(int, int)> found = [];
            scanner.FindAll(text, found);
            return found.SequenceEqual(regex.Matches(text).Select(m => (m.Index, m.Length)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static string WithoutLoneSurrogates(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Oracle(Tokenizer tokenizer, int[] ids, bool skip)
    {
        byte[] bytes = [.. ids.Where(id => !skip || !tokenizer.IsSpecial(id)).SelectMany(id => tokenizer.TokenBytes(id).ToArray())];
        string text = Encoding.UTF8.GetString(bytes);
        return tokenizer == Characters && text.StartsWith(' ') ? text[1..] : text;
    }
}
