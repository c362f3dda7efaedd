using System.Text.Json.Nodes;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Each part of a tokenizer.json by itself, on texts small enough to follow by hand.</summary>
public class PipelineTests
{
    [Theory]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Removed"}""", "a-b", "a|b")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Isolated"}""", "a--b", "a|-|-|b")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithPrevious"}""", "a--b", "a-|-|b")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"MergedWithNext"}""", "a--b", "a|-|-b")]
    [InlineData("""{"type":"Split","pattern":{"String":"-"},"behavior":"Contiguous"}""", "a--b", "a|--|b")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[a-z]+"},"behavior":"Removed","invert":true}""", "ab-c", "ab|c")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\p{Lu}\\p{Ll}*+|\\d++"},"behavior":"Isolated"}""", "𐐀𐐨AbC12", "𐐀𐐨|Ab|C|12")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\p{L}{1,2}"},"behavior":"Isolated"}""", "𐐀𐐨bc", "𐐀𐐨|bc")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12", "a|1|2")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12b", "a|12|b")]
    [InlineData("""{"type":"Punctuation"}""", "a,!b", "a|,|!|b")]
    [InlineData("""{"type":"Whitespace"}""", "a b,c", "a|b|,|c")]
    [InlineData("""{"type":"WhitespaceSplit"}""", "a b,c", "a|b,c")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "a b", "▁a|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""", "a b", "a▁b")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Punctuation"}]}""", "a b,c", "a|b|,|c")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"Removed"}""", "a b", "ab", """{"type":"Replace","pattern":{"Regex":"\\s+"},"content":""}""")]
    [InlineData("null", "e\u0301 ﬁ", "é ﬁ", """{"type":"NFC"}""")]
    [InlineData("null", "ﬁ①", "fi1", """{"type":"NFKC"}""")]
    [InlineData("null", " AÄ ", "aä", """{"type":"Sequence","normalizers":[{"type":"Lowercase"},{"type":"Strip","strip_left":true,"strip_right":true}]}""")]
    public void Text_is_cut_into_pieces(string preTokenizer, string text, string pieces, string normalizer = "null")
    {
        // Every expected piece is a token that is taken whole, and no other text is a token.
        JsonObject vocabulary = new() { ["<unk>"] = 0 };
        string[] expected = pieces.Split('|');
        foreach (string piece in expected.Distinct()) vocabulary[piece] = vocabulary.Count;
        JsonObject document = new()
        {
            ["normalizer"] = JsonNode.Parse(normalizer),
            ["pre_tokenizer"] = JsonNode.Parse(preTokenizer),
            ["model"] = new JsonObject { ["vocab"] = vocabulary, ["ignore_merges"] = true, ["unk_token"] = "<unk>" },
        };
        Tokenizer tokenizer = SmallTokenizers.Load(document);

        Assert.Equal(expected.Select(p => tokenizer.IdOf(p)), tokenizer.Encode(text).Select(id => (int?)id));
    }

    [Theory]
    [InlineData("{}", "a <m> b", "a| |<m>| |b")]
    [InlineData("""{"lstrip":true}""", "a <m> b", "a|<m>| |b")]
    [InlineData("""{"rstrip":true}""", "a <m> b", "a| |<m>|b")]
    [InlineData("""{"single_word":true}""", "a<m> <m> <m>b", "a|<|m|>| |<m>| |<|m|>|b")]
    public void An_added_token_takes_in_what_its_flags_say(string flags, string text, string pieces)
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.AddToken(SmallTokenizers.ByteLevel(), 256, "<m>", special: false, flags));

        Assert.Equal(pieces.Split('|').Select(p => p == "<m>" ? 256 : p[0]), tokenizer.Encode(text));
    }

    [Fact]
    public void Of_added_tokens_the_longest_is_found()
    {
        JsonObject document = SmallTokenizers.AddToken(SmallTokenizers.ByteLevel(), 256, "<m>", special: false);
        SmallTokenizers.AddToken(document, 257, "<m><m>", special: false);

        Assert.Equal([257, 256], SmallTokenizers.Load(document).Encode("<m><m><m>"));
    }

    [Fact]
    public void A_normalized_added_token_is_found_in_the_normalized_text()
    {
        JsonObject document = SmallTokenizers.ByteLevel();
        document["normalizer"] = JsonNode.Parse("""{"type":"Lowercase"}""");
        SmallTokenizers.AddToken(document, 256, "<Up>", special: false, """{"normalized":true}""");
        SmallTokenizers.AddToken(document, 257, "<Raw>", special: false);

        Assert.Equal([256, 256, 257, '<', 'r', 'a', 'w', '>'], SmallTokenizers.Load(document).Encode("<up><UP><Raw><RAW>"));
    }

    [Fact]
    public void The_space_that_sentencepiece_adds_goes_again_in_decoding()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.SentencePiece(["▁", "a", "▁a"], ["▁ a"]));
        int a = tokenizer.IdOf("▁a")!.Value;

        Assert.Equal([a, a], tokenizer.Encode("a a"));
        Assert.Equal("a a", tokenizer.Decode([a, a]));
        Assert.Equal("a a", tokenizer.Decode([1, a, a]));
        Assert.Equal("<s> a a", tokenizer.Decode([1, a, a], skipSpecialTokens: false));
        Assert.Equal("a", new IncrementalDetokenizer(tokenizer).Push(a));
    }

    [Fact]
    public void A_directory_gives_ids_and_templates_of_its_configuration()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("tokenizer");
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "tokenizer.json"), SmallTokenizers.ByteLevel().ToJsonString());
            File.WriteAllText(Path.Combine(directory.FullName, "tokenizer_config.json"), """
                {"bos_token":null,"eos_token":{"content":"<|im_end|>"},"model_max_length":1000000000000000019884624838656,
                "chat_template":[{"name":"default","template":"D"},{"name":"tool_use","template":"T"}],
                "added_tokens_decoder":{"256":{"content":"<|im_end|>","special":true}}}
                """);
            Tokenizer tokenizer = Tokenizer.FromDirectory(directory.FullName);
            Assert.Equal((null, 256, null), (tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.Config.ModelMaxLength));
            Assert.Equal(("D", "T"), (tokenizer.Config.ChatTemplate, tokenizer.Config.ChatTemplates["tool_use"]));
            Assert.Equal([256], tokenizer.Encode("<|im_end|>", parseSpecial: true));

            File.WriteAllText(Path.Combine(directory.FullName, "chat_template.jinja"), "J");
            Assert.Equal("J", Tokenizer.FromDirectory(directory.FullName).Config.ChatTemplate);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_directory_without_a_tokenizer_is_refused() =>
        Assert.Contains("tokenizer.json", Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromDirectory(Path.Combine(AppContext.BaseDirectory, "nothing"))).Message);
}
