using System.Text.Json.Nodes;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

public class ByteLevelTests
{
    [Fact]
    public void Without_merges_each_byte_is_a_token()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.ByteLevel());

        Assert.Equal([0x41, 0xC3, 0xA4], tokenizer.Encode("Aä"));
        Assert.Equal(256, tokenizer.VocabularySize);
    }

    [Fact]
    public void The_lowest_rank_merges_first_and_the_leftmost_among_equals()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.ByteLevel("b c", "a b", "a a"));

        Assert.Equal(['a', 256], tokenizer.Encode("abc"));
        Assert.Equal([257], tokenizer.Encode("ab"));
        Assert.Equal([258, 'a'], tokenizer.Encode("aaa"));
    }

    [Fact]
    public void Merges_do_not_cross_the_pieces_of_the_pattern()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.ByteLevel("a Ġ", "Ġ b"));

        Assert.Equal(['a', 257], tokenizer.Encode("a b"));
    }

    [Fact]
    public void Merges_may_be_written_as_pairs_and_before_the_vocabulary()
    {
        JsonObject document = SmallTokenizers.ByteLevel("a b");
        JsonObject model = (JsonObject)document["model"]!;
        JsonNode vocabulary = model["vocab"]!;
        model.Remove("merges");
        model.Remove("vocab");
        model["merges"] = JsonNode.Parse("""[["a","b"]]""");
        model["vocab"] = vocabulary;

        Assert.Equal([256], SmallTokenizers.Load(document).Encode("ab"));
    }

    [Fact]
    public void Ignore_merges_takes_a_piece_that_is_a_token_whole()
    {
        JsonObject document = SmallTokenizers.ByteLevel("a b", "b c");
        document["model"]!["vocab"]!["abc"] = 258;
        Assert.Equal([256, 'c'], SmallTokenizers.Load(document).Encode("abc"));

        document["model"]!["ignore_merges"] = true;
        Assert.Equal([258], SmallTokenizers.Load(document).Encode("abc"));
    }

    [Fact]
    public void A_special_token_in_the_text_counts_only_when_asked_for()
    {
        JsonObject document = SmallTokenizers.AddToken(SmallTokenizers.ByteLevel(), 256, "<|end|>");
        Tokenizer tokenizer = SmallTokenizers.Load(document);

        Assert.Equal(['a', 256, 'b'], tokenizer.Encode("a<|end|>b", parseSpecial: true));
        Assert.Equal("a<|end|>b".Select(c => (int)c), tokenizer.Encode("a<|end|>b"));
        Assert.Equal("ab", tokenizer.Decode([97, 256, 98]));
        Assert.Equal("a<|end|>b", tokenizer.Decode([97, 256, 98], skipSpecialTokens: false));
        Assert.Equal("<|end|>"u8, tokenizer.TokenBytes(256));
        Assert.True(tokenizer.IsSpecial(256));
        Assert.Equal(256, tokenizer.IdOf("<|end|>"));
    }

    [Fact]
    public void Special_tokens_of_the_template_surround_the_text_when_asked_for()
    {
        JsonObject document = SmallTokenizers.AddToken(SmallTokenizers.ByteLevel(), 256, "<s>");
        document["post_processor"] = JsonNode.Parse("""
            {"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing",
            "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
            "special_tokens":{"<s>":{"id":"<s>","ids":[256],"tokens":["<s>"]}}}]}
            """);
        Tokenizer tokenizer = SmallTokenizers.Load(document);

        Assert.Equal([256, 'a'], tokenizer.Encode("a"));
        Assert.Equal(['a'], tokenizer.Encode("a", addSpecialTokens: false));
        Assert.Equal([256], tokenizer.Encode(""));
    }

    [Fact]
    public void A_character_split_over_tokens_comes_when_it_is_whole()
    {
        IncrementalDetokenizer detokenizer = new(SmallTokenizers.Load(SmallTokenizers.ByteLevel()));

        Assert.Equal(["", "", "", "😁", "a"], new[] { 0xF0, 0x9F, 0x98, 0x81, 'a' }.Select(detokenizer.Push));
        Assert.Equal("", detokenizer.Push(0xC3));
        Assert.Equal("\uFFFD", detokenizer.Flush());
    }

    [Fact]
    public void A_lone_surrogate_counts_as_the_replacement_character()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.ByteLevel());

        Assert.Equal("a\uFFFDb", tokenizer.Decode(tokenizer.Encode("a\uD800b")));
    }
}
