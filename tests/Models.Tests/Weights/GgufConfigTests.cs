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
    [InlineData("llama.rope.scaling.type", "yarn", "'llama.rope.scaling.factor' is missing")]
    [InlineData("llama.logit_scale", 0.5f, "'llama.logit_scale' is 0.5, which is not supported (supported: 0)")]
    [InlineData("llama.expert_gating_func", 2u, "'llama.expert_gating_func' is 2, which is not supported (supported: 1)")]
    [InlineData("llama.attention.causal", false, "'llama.attention.causal' is False")]
    [InlineData("llama.expert_count", 4u, "'llama.expert_used_count' is missing")]
    [InlineData("llama.attention.sliding_window_pattern", new[] { true, false, false }, "'llama.attention.sliding_window_pattern' is [True, False, False], which is not supported")]
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

    [Fact]
    public void A_pattern_of_windows_by_layer_is_read_as_the_interval_that_it_is()
    {
        ModelConfig config = Read(values =>
        {
            values["llama.attention.sliding_window"] = 16u;
            values["llama.attention.sliding_window_pattern"] = new[] { true, true, false };
        });

        Assert.Equal(("mistral", 16, 3), (config.Architecture, config.SlidingWindow, config.FullAttentionInterval));
    }

    [Theory]
    [InlineData("model.layers.7.post_attention_layernorm.weight", "blk.7.post_attention_norm.weight", null)]
    [InlineData("model.layers.7.pre_feedforward_layernorm.weight", "blk.7.ffn_norm.weight", null)]
    [InlineData("model.layers.7.mlp.gate.weight", "blk.7.ffn_gate_inp.weight", null)]
    [InlineData("model.layers.7.mlp.experts.12.up_proj.weight", "blk.7.ffn_up_exps.weight", 12)]
    [InlineData("model.layers.7.block_sparse_moe.experts.3.w2.weight", "blk.7.ffn_down_exps.weight", 3)]
    public void Names_of_experts_and_of_norms_around_are_translated(string huggingFace, string gguf, int? expert) =>
        Assert.Equal(new GgufTensorName(gguf, expert), GgufNames.FromHuggingFace(huggingFace, NormPlacement.Around));

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
