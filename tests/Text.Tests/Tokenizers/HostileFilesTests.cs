using System.Text;
using System.Text.Json.Nodes;
using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Files that are wrong in every way that is known give an error that names the field, and nothing else.</summary>
public class HostileFilesTests
{
    [Theory]
    [InlineData("", "tokenizer.json")]
    [InlineData("[]", "tokenizer.json must be an object")]
    [InlineData("{}", "tokenizer.json has no model")]
    [InlineData("{} {}", "tokenizer.json")]
    [InlineData("""{"model":5}""", "model must be an object")]
    [InlineData("""{"model":{}}""", "model.vocab is missing")]
    [InlineData("""{"model":{"vocab":[["a",-1],["b"]]}}""", "model.vocab[1] must be [\"token\", score]")]
    [InlineData("""{"model":{"vocab":[["a","b"]]}}""", "model.vocab[0] must be [\"token\", score]")]
    [InlineData("""{"model":{"vocab":[["a",-1]],"unk_id":1}}""", "model.unk_id 1")]
    [InlineData("""{"model":{"type":"Unigram","vocab":{"a":0}}}""", "model.vocab must be an array")]
    [InlineData("""{"model":{"vocab":{"a":"x"}}}""", "model.vocab[\"a\"]")]
    [InlineData("""{"model":{"vocab":{"a":1.5}}}""", "model.vocab[\"a\"]")]
    [InlineData("""{"model":{"vocab":{"a":-1}}}""", "-1")]
    [InlineData("""{"model":{"vocab":{"a":2000000000}}}""", "3999999")]
    [InlineData("""{"model":{"vocab":{"a":0,"b":0}}}""", "id 0")]
    [InlineData("""{"model":{"vocab":{"a":0,"a":1}}}""", "\"a\" twice")]
    [InlineData("""{"model":{"vocab":{"\ud800":0}}}""", "Unicode")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{}}}""", "model.type \"WordLevel\"")]
    [InlineData("""{"model":{"vocab":{},"unk_token":"<unk>"}}""", "model.unk_token")]
    [InlineData("""{"model":{"vocab":{},"unk_token":7}}""", "model.unk_token")]
    [InlineData("""{"model":{"vocab":{},"byte_fallback":"yes"}}""", "model.byte_fallback")]
    [InlineData("""{"model":{"vocab":{},"end_of_word_suffix":"</w>"}}""", "model.end_of_word_suffix")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":7}}""", "model.merges")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":["a"]}}""", "model.merges[0]")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":[["a"]]}}""", "model.merges[0]")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":[["a",1]]}}""", "model.merges[0]")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":["a b"]}}""", "model.merges[0] needs the token \"b\"")]
    [InlineData("""{"model":{"vocab":{"a":0,"b":1},"merges":["a b"]}}""", "model.merges[0] needs the token \"ab\"")]
    [InlineData("""{"model":{"vocab":{"":0,"a":1},"merges":[["","a"]]}}""", "model.merges[0] has an empty part")]
    [InlineData("""{"model":{"vocab":{}},"added_tokens":{}}""", "added_tokens must be an array")]
    [InlineData("""{"model":{"vocab":{}},"added_tokens":[{"content":"x"}]}""", "added_tokens[0].id")]
    [InlineData("""{"model":{"vocab":{}},"added_tokens":[{"id":2000000000,"content":"x"}]}""", "added_tokens[0]")]
    [InlineData("""{"model":{"vocab":{}},"added_tokens":[{"id":0,"content":"x","special":1}]}""", "added_tokens[0].special")]
    [InlineData("""{"model":{"vocab":{}},"normalizer":{"type":"Nmt"}}""", "normalizer.type \"Nmt\"")]
    [InlineData("""{"model":{"vocab":{}},"normalizer":{"type":"Precompiled","precompiled_charsmap":"?"}}""", "normalizer.precompiled_charsmap must be Base64")]
    [InlineData("""{"model":{"vocab":{}},"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAA="}}""", "normalizer.precompiled_charsmap has 2 bytes")]
    [InlineData("""{"model":{"vocab":{}},"normalizer":{"type":"Precompiled","precompiled_charsmap":"CAAAAAEAAAA="}}""", "its double array 8")]
    [InlineData("""{"model":{"vocab":{}},"normalizer":{"type":"Precompiled","precompiled_charsmap":"BAAAAAkAAIBhAA=="}}""", "points outside of its 2 bytes")]
    [InlineData("""{"model":{"vocab":{}},"post_processor":{"type":"BertProcessing","sep":["[SEP]"],"cls":["[CLS]",1]}}""", "post_processor.sep")]
    [InlineData("""{"model":{"vocab":{}},"normalizer":{"type":"Replace","pattern":{"String":""},"content":""}}""", "normalizer.pattern.String")]
    [InlineData("""{"model":{"vocab":{}},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"}}""", "pre_tokenizer.pattern.Regex")]
    [InlineData("""{"model":{"vocab":{}},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a&&[^b]]x|y"},"behavior":"Isolated"}}""", "intersection")]
    [InlineData("""{"model":{"vocab":{}},"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a"},"behavior":"Sometimes"}}""", "pre_tokenizer.behavior")]
    [InlineData("""{"model":{"vocab":{}},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}}""", "pre_tokenizer.pretokenizers[1]")]
    [InlineData("""{"model":{"vocab":{}},"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}}],"special_tokens":{}}}""", "\"<s>\"")]
    [InlineData("""{"model":{"vocab":{}},"decoder":{"type":"CTC"}}""", "decoder.type \"CTC\"")]
    [InlineData("""{"model":{"vocab":{}},"decoder":{"type":"Strip","content":" ","start":0,"stop":1}}""", "decoder.stop")]
    public void A_wrong_file_is_refused_and_the_field_named(string json, string inMessage)
    {
        TokenizerFormatException error = Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromJson(Encoding.UTF8.GetBytes(json)));

        Assert.Contains(inMessage, error.Message);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        JsonObject document = SmallTokenizers.AddToken(SmallTokenizers.ByteLevel("a b"), 257, "<s>");
        byte[] json = Encoding.UTF8.GetBytes(document.ToJsonString());

        for (int length = 0; length < json.Length; length += 7)
            Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromJson(json.AsSpan(0, length)));
    }

    [Fact]
    public void A_file_nested_too_deeply_is_refused()
    {
        string steps = string.Concat(Enumerable.Repeat("""{"type":"Sequence","normalizers":[""", 500));

        Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromJson(Encoding.UTF8.GetBytes($$$"""{"normalizer":{{{steps}}}""")));
    }

    [Fact]
    public void Ids_with_holes_have_no_text()
    {
        Tokenizer tokenizer = Tokenizer.FromJson("""{"model":{"vocab":{"a":0,"b":1000}}}"""u8);

        Assert.Equal(1001, tokenizer.VocabularySize);
        Assert.Equal([0, 1000], tokenizer.Encode("axb"));
        Assert.Equal("ab", tokenizer.Decode([0, 500, 1000, 5000, -1]));
    }

    [Theory]
    [InlineData("tokenizer.ggml.pre", "klingon", "tokenizer.ggml.pre \"klingon\"")]
    [InlineData("tokenizer.ggml.model", "rwkv", "tokenizer.ggml.model \"rwkv\"")]
    [InlineData("tokenizer.ggml.tokens", 5, "tokenizer.ggml.tokens must be")]
    [InlineData("tokenizer.ggml.merges", null, "tokenizer.ggml.merges is missing")]
    [InlineData("tokenizer.ggml.bos_token_id", 9, "tokenizer.ggml.bos_token_id is 9")]
    [InlineData("tokenizer.ggml.token_type", new[] { 1 }, "tokenizer.ggml.token_type has 1")]
    [InlineData("tokenizer.ggml.token_type", new[] { 1, 1, 9 }, "tokenizer.ggml.token_type[2] is 9")]
    [InlineData("tokenizer.ggml.add_bos_token", "yes", "tokenizer.ggml.add_bos_token must be")]
    public void Wrong_gguf_metadata_are_refused_and_the_key_named(string key, object? value, string inMessage)
    {
        Dictionary<string, object> metadata = new()
        {
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = "gpt-2",
            ["tokenizer.ggml.tokens"] = new[] { "a", "b", "ab" },
            ["tokenizer.ggml.merges"] = new[] { "a b" },
        };
        Assert.Equal([2], Tokenizer.FromGguf(metadata).Encode("ab"));
        if (value is null) metadata.Remove(key);
        else metadata[key] = value;

        Assert.Contains(inMessage, Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromGguf(metadata)).Message);
    }
}
