using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

public sealed class GgufConfigTests : IDisposable
{
    private static readonly ModelConfig Config = new()
    {
        Architecture = "llama",
        VocabularySize = 300,
        ContextLength = 128,
        HiddenSize = 96,
        IntermediateSize = 200,
        LayerCount = 3,
        HeadCount = 6,
        KvHeadCount = 2,
        HeadDimension = 32,
        RmsNormEpsilon = 3e-6f,
        RopeTheta = 12_345,
        BosTokenId = 7,
        EosTokenIds = [8, 9],
        TieWordEmbeddings = true,
    };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Written_metadata_reads_back()
    {
        ModelConfig read = Read(_ => { });

        Assert.Equal(Config.EosTokenIds, read.EosTokenIds);
        Assert.Equal(Config, read with { EosTokenIds = Config.EosTokenIds });
    }

    [Fact]
    public void Absent_values_have_ggufs_defaults_and_the_embedding_tells_the_vocabulary()
    {
        using Tensor table = Tensor.Allocate(40, 96);
        ModelConfig read = Read(
            values =>
            {
                foreach (string key in (string[])["attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count", "rope.freq_base", "vocab_size"])
                {
                    values.Remove($"llama.{key}");
                }
            },
            TensorSource.FromTensor("token_embd.weight", table, DType.F16));

        Assert.Equal((6, 16, 10_000f, 40), (read.KvHeadCount, read.HeadDimension, read.RopeTheta, read.VocabularySize));
    }

    [Theory]
    [InlineData("general.architecture", null, "'general.architecture' is missing")]
    [InlineData("llama.block_count", null, "'llama.block_count' is missing")]
    [InlineData("llama.block_count", "three", "'llama.block_count' must be an integer")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", null, "is missing")]
    [InlineData("llama.vocab_size", null, "'llama.vocab_size' is missing")]
    [InlineData("llama.rope.scaling.type", "spiral", "'llama.rope.scaling.type' is 'spiral', which is not supported (supported: none, linear, yarn, longrope")]
    [InlineData("llama.rope.dimension_count", 16u, "'llama.rope.dimension_count' is 16, which is not supported")]
    [InlineData("llama.attention.value_length", 16u, "'llama.attention.value_length' is 16")]
    [InlineData("llama.attention.head_count", 0u, "HeadCount must be in")]
    [InlineData("llama.attention.head_count_kv", 4u, "no multiple of 4")]
    [InlineData("llama.context_length", uint.MaxValue, "'llama.context_length' must be an integer of 32 bits")]
    public void What_is_wrong_or_not_supported_is_refused_by_key(string key, object? value, string reason)
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => Read(values =>
        {
            values.Remove(key);
            if (value is not null)
            {
                values[key] = value;
            }
        }));

        Assert.StartsWith(_directory.File("model.gguf"), refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }

    [Theory]
    [InlineData("model.embed_tokens.weight", "token_embd.weight")]
    [InlineData("model.layers.12.self_attn.q_proj.bias", "blk.12.attn_q.bias")]
    [InlineData("model.layers.0.post_attention_layernorm.weight", "ffn_norm")]
    [InlineData("lm_head.weight", "output.weight")]
    [InlineData("rope_freqs.weight", "rope_freqs.weight")]
    [InlineData("other", "other")]
    public void Names_are_translated(string huggingFace, string gguf) => Assert.Contains(gguf, GgufNames.FromHuggingFace(huggingFace, NormPlacement.Before).Name);

    private ModelConfig Read(Action<Dictionary<string, object>> change, params TensorSource[] tensors)
    {
        Dictionary<string, object> values = GgufConfig.Write(Config);
        change(values);
        GgufWriter.Write(_directory.File("model.gguf"), values, tensors);
        using GgufFile file = GgufFile.Open(_directory.File("model.gguf"));
        return GgufConfig.Read(file);
    }
}
