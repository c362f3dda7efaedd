using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>What GGUF metadata say about the surroundings of a text.</summary>
public class GgufFlagsTests
{
    [Theory]
    [InlineData(null, null, new[] { 1, 4 })]
    [InlineData(true, true, new[] { 1, 4, 2 })]
    [InlineData(false, null, new[] { 4 })]
    [InlineData(false, true, new[] { 4, 2 })]
    public void The_first_and_last_tokens_are_added_as_the_flags_say(bool? addsBos, bool? addsEos, int[] ids)
    {
        Dictionary<string, object> metadata = Llama();
        if (addsBos is { } first) metadata["tokenizer.ggml.add_bos_token"] = first;
        if (addsEos is { } last) metadata["tokenizer.ggml.add_eos_token"] = last;

        Assert.Equal(ids, Tokenizer.FromGguf(metadata).Encode("a"));
        Assert.Equal([4], Tokenizer.FromGguf(metadata).Encode("a", addSpecialTokens: false));
    }

    [Theory]
    [InlineData(true, "a a", new[] { 4, 4 })]
    [InlineData(false, "a a", new[] { 5, 4 })]
    [InlineData(false, " a", new[] { 4 })]
    public void A_space_goes_before_the_text_as_the_flag_says(bool addsSpace, string text, int[] ids)
    {
        Dictionary<string, object> metadata = Llama();
        metadata["tokenizer.ggml.add_space_prefix"] = addsSpace;
        Tokenizer tokenizer = Tokenizer.FromGguf(metadata);

        Assert.Equal(ids, tokenizer.Encode(text, addSpecialTokens: false));
        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Fact]
    public void Runs_of_spaces_are_made_one_as_the_flag_says()
    {
        Dictionary<string, object> metadata = Llama();
        Assert.Equal([3, 3, 4, 3], Tokenizer.FromGguf(metadata).Encode("  a ", addSpecialTokens: false));

        metadata["tokenizer.ggml.remove_extra_whitespaces"] = true;
        Assert.Equal([4, 4], Tokenizer.FromGguf(metadata).Encode("  a   a ", addSpecialTokens: false));
    }

    [Fact]
    public void Each_part_between_special_tokens_has_its_own_space() =>
        Assert.Equal([4, 6, 4], Tokenizer.FromGguf(Llama()).Encode("a<|im_end|>a", addSpecialTokens: false, parseSpecial: true));

    [Fact]
    public void The_token_that_ends_an_answer_is_the_named_one_else_one_of_a_known_name()
    {
        Dictionary<string, object> metadata = Llama();
        Assert.Equal(6, Tokenizer.FromGguf(metadata).EndOfTurnTokenId);

        metadata["tokenizer.ggml.eot_token_id"] = 2u;
        Assert.Equal(2, Tokenizer.FromGguf(metadata).EndOfTurnTokenId);

        metadata.Remove("tokenizer.ggml.eot_token_id");
        metadata["tokenizer.ggml.token_type"] = new[] { 2, 3, 3, 1, 1, 1, 1 };
        Assert.Null(Tokenizer.FromGguf(metadata).EndOfTurnTokenId);
    }

    [Fact]
    public void The_chat_template_is_the_metadatas()
    {
        Dictionary<string, object> metadata = Llama();
        metadata["tokenizer.chat_template"] = "{{ bos_token }}";

        TokenizerConfig config = Tokenizer.FromGguf(metadata).Config;

        Assert.Equal(("{{ bos_token }}", "<s>", "</s>", "<unk>"), (config.ChatTemplate, config.BosToken, config.EosToken, config.UnknownToken));
    }

    private static Dictionary<string, object> Llama() => new()
    {
        ["tokenizer.ggml.model"] = "llama",
        ["tokenizer.ggml.tokens"] = new[] { "<unk>", "<s>", "</s>", "▁", "▁a", "a", "<|im_end|>" },
        ["tokenizer.ggml.scores"] = new[] { 0f, 0, 0, -2, -1, -3, 0 },
        ["tokenizer.ggml.token_type"] = new[] { 2, 3, 3, 1, 1, 1, 3 },
        ["tokenizer.ggml.bos_token_id"] = 1u,
        ["tokenizer.ggml.eos_token_id"] = 2u,
        ["tokenizer.ggml.unknown_token_id"] = 0u,
    };
}
