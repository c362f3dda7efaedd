using Inference.Models.Weights;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

public sealed class GgufVocabularyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string VocabularyPath => _directory.File("vocabulary.gguf");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_smaller_vocabulary_is_filled_up_with_ordinary_tokens()
    {
        GgufWriter.Write(
            VocabularyPath,
            new Dictionary<string, object>
            {
                ["general.architecture"] = "llama",
                ["tokenizer.ggml.model"] = "llama",
                ["tokenizer.ggml.tokens"] = new[] { "<s>", "a" },
                ["tokenizer.ggml.scores"] = new[] { 0f, -1f },
                ["tokenizer.ggml.token_type"] = new[] { 3, 1 },
                ["tokenizer.ggml.bos_token_id"] = 0u,
            },
            []);

        Dictionary<string, object> values = GgufVocabulary.Read(VocabularyPath, 4);

        Assert.Equal(["<s>", "a", "[PAD2]", "[PAD3]"], Assert.IsType<string[]>(values["tokenizer.ggml.tokens"]));
        float[] scores = Assert.IsType<float[]>(values["tokenizer.ggml.scores"]);
        Assert.Equal(4, scores.Length);
        Assert.True(scores[2] < -1 && scores[3] < -1);
        Assert.Equal([3, 1, 1, 1], Assert.IsType<int[]>(values["tokenizer.ggml.token_type"]));
        Assert.Equal(0u, values["tokenizer.ggml.bos_token_id"]);
        Assert.Equal("llama", values["tokenizer.ggml.model"]);
        Assert.DoesNotContain("general.architecture", values.Keys);
    }

    [Fact]
    public void A_larger_vocabulary_than_the_model_s_is_refused_with_both_sizes()
    {
        GgufWriter.Write(VocabularyPath, new Dictionary<string, object> { ["tokenizer.ggml.tokens"] = new[] { "a", "b", "c" } }, []);

        string message = Assert.Throws<ModelFormatException>(() => GgufVocabulary.Read(VocabularyPath, 2)).Message;

        Assert.Contains("has 3 tokens", message);
        Assert.Contains("vocabulary of 2", message);
    }

    [Fact]
    public void A_file_without_a_tokenizer_is_refused_by_key()
    {
        GgufWriter.Write(VocabularyPath, new Dictionary<string, object> { ["general.architecture"] = "llama" }, []);

        Assert.Contains("tokenizer.ggml.tokens", Assert.Throws<ModelFormatException>(() => GgufVocabulary.Read(VocabularyPath, 2)).Message);
    }
}
