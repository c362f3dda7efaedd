using System.Text;
using Inference.Text.Tokenizers;
using Inference.Training.Tokenizers;

namespace Inference.Training.Tests.Tokenizers;

public sealed class ByteLevelBpeTrainerTests
{
    private static readonly string[] Texts =
    [
        "What is 12 x 12? It is 144.", "What is the capital of France?", "The capital of France is Paris.", "Water freezes at 0 degrees.",
        "Was ist das? Das ist ein Hund.", "你好 means hello. 你好!", "line one\nline two\n\n  indented", "ein Hund, the dog 🐶",
    ];

    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_ties_go_to_the_lowest_ids()
    {
        BpeVocabulary vocabulary = ByteLevelBpeTrainer.Train(["ab ab ab", "cd cd", "ef ef"], 270, []);

        // a b occurs three times; a space (byte 32) before ab, c d, and e f twice.
        Assert.Equal([("a", "b"), ("Ġ", "ab"), ("c", "d"), ("e", "f")], vocabulary.Merges);
        Assert.Equal(256 + vocabulary.Merges.Count, vocabulary.Tokens.Count);
    }

    [Fact]
    public void Overlapping_pairs_are_merged_from_the_left_and_their_counts_stay_right()
    {
        BpeVocabulary vocabulary = ByteLevelBpeTrainer.Train(["aaaaa", "aaaaa"], 260, []);

        Assert.Equal([("a", "a"), ("aa", "a"), ("aa", "aaa")], vocabulary.Merges);
    }

    [Fact]
    public void A_pair_that_occurs_once_is_not_merged() => Assert.Empty(ByteLevelBpeTrainer.Train(["abc"], 300, []).Merges);

    [Fact]
    public void A_digit_is_always_a_token_of_its_own()
    {
        BpeVocabulary vocabulary = ByteLevelBpeTrainer.Train(Enumerable.Repeat("144 144 1441", 50), 400, []);

        Assert.DoesNotContain(vocabulary.Tokens, t => t.Length > 1 && t.Any(char.IsAsciiDigit));
    }

    [Fact]
    public void The_same_texts_give_the_same_file() =>
        Assert.Equal(TokenizerJson.Write(Train()), TokenizerJson.Write(Train()));

    [Theory]
    [InlineData("What is the capital of Germany?")]
    [InlineData("12 x 34 = 408, right?")]
    [InlineData("  two  spaces\r\n\ttab and \n\n lines ")]
    [InlineData("Größe, 你好世界, 🐶🐕, e\u0301")]
    [InlineData("it's don't WE'LL")]
    public void The_tokenizer_that_reads_the_file_gives_texts_back(string text)
    {
        Tokenizer tokenizer = Read(Train());

        int[] ids = tokenizer.Encode(text, addSpecialTokens: false);

        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Fact]
    public void The_tokenizer_that_reads_the_file_applies_the_merges_and_the_special_tokens()
    {
        BpeVocabulary vocabulary = Train();
        Tokenizer tokenizer = Read(vocabulary);

        int[] ids = tokenizer.Encode("<|im_start|>What is 12", addSpecialTokens: false, parseSpecial: true);

        string[] tokens = [.. ids.Select(id => Encoding.UTF8.GetString(tokenizer.TokenBytes(id)))];
        Assert.Equal(["What", " is", " ", "1", "2"], tokens[1..]);
        Assert.Equal(vocabulary.SpecialId("<|im_start|>"), ids[0]);
        Assert.Equal(vocabulary.Size, tokenizer.VocabularySize);
    }

    private static BpeVocabulary Train() => ByteLevelBpeTrainer.Train(Texts.Concat(Texts), 360, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]);

    private static Tokenizer Read(BpeVocabulary vocabulary) => Tokenizer.FromJson(Encoding.UTF8.GetBytes(TokenizerJson.Write(vocabulary)));
}
