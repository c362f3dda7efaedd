namespace Inference.Models.Architectures;

/// <summary>Names and shapes of the tensors of a <see cref="Decoder"/>.</summary>
internal static class DecoderTensors
{
    /// <summary>The embedding table, [vocabulary, hidden].</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The last norm, [hidden].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>The output projection, [vocabulary, hidden], unless tied.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>All tensors of a configuration, in the order of the forward pass.</summary>
    public static IEnumerable<TensorShape> Of(ModelConfig config, bool queryKeyValueBias, bool outputBias)
    {
        yield return new TensorShape(Embedding, config.VocabularySize, config.HiddenSize);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (TensorShape tensor in Block(config, $"model.layers.{layer}", queryKeyValueBias, outputBias))
            {
                yield return tensor;
            }
        }

        yield return new TensorShape(FinalNorm, config.HiddenSize);
        if (!config.TieWordEmbeddings)
        {
            yield return new TensorShape(Head, config.VocabularySize, config.HiddenSize);
        }
    }

    private static TensorShape[] Block(ModelConfig config, string p, bool queryKeyValueBias, bool outputBias)
    {
        int d = config.HiddenSize, inner = config.IntermediateSize;
        int q = config.HeadCount * config.HeadDimension, kv = config.KvHeadCount * config.HeadDimension;
        return
        [
            new($"{p}.input_layernorm.weight", d),
            .. Linear($"{p}.self_attn.q_proj", q, d, queryKeyValueBias),
            .. Linear($"{p}.self_attn.k_proj", kv, d, queryKeyValueBias),
            .. Linear($"{p}.self_attn.v_proj", kv, d, queryKeyValueBias),
            .. Linear($"{p}.self_attn.o_proj", d, q, outputBias),
            new($"{p}.post_attention_layernorm.weight", d),
            .. Linear($"{p}.mlp.gate_proj", inner, d, bias: false),
            .. Linear($"{p}.mlp.up_proj", inner, d, bias: false),
            .. Linear($"{p}.mlp.down_proj", d, inner, bias: false),
        ];
    }

    private static TensorShape[] Linear(string name, int outputs, int inputs, bool bias) => bias
        ? [new($"{name}.weight", outputs, inputs), new($"{name}.bias", outputs)]
        : [new($"{name}.weight", outputs, inputs)];
}
