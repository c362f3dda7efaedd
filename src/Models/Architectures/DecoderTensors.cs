namespace Inference.Models.Architectures;

/// <summary>Names (Hugging Face's) and shapes of the tensors of a <see cref="Decoder"/>.</summary>
internal static class DecoderTensors
{
    /// <summary>The embedding table, [vocabulary, hidden].</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>The last norm, [hidden].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>The output projection, [vocabulary, hidden], unless tied.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>The names of a layer's tensors begin with this.</summary>
    public static string Layer(int layer) => $"model.layers.{layer}";

    /// <summary>The norm before the feed-forward layer, whose name depends on what other norms there are.</summary>
    public static string FeedForwardNorm(NormPlacement norms) =>
        norms == NormPlacement.Before ? "post_attention_layernorm" : "pre_feedforward_layernorm";

    /// <summary>All tensors of a configuration, in the order of the forward pass.</summary>
    public static IEnumerable<TensorShape> Of(ModelConfig config, DecoderDesign design)
    {
        yield return new TensorShape(Embedding, config.VocabularySize, config.HiddenSize);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (TensorShape tensor in Attention(config, design).Concat(FeedForward(config, design)))
            {
                yield return tensor with { Name = $"{Layer(layer)}.{tensor.Name}" };
            }
        }

        yield return new TensorShape(FinalNorm, config.HiddenSize);
        if (!config.TieWordEmbeddings)
        {
            yield return new TensorShape(Head, config.VocabularySize, config.HiddenSize);
        }
    }

    private static IEnumerable<TensorShape> Attention(ModelConfig config, DecoderDesign design)
    {
        int d = config.HiddenSize, q = config.HeadCount * config.HeadDimension, kv = config.KvHeadCount * config.HeadDimension;
        return
        [
            .. design.Norms != NormPlacement.After ? [new TensorShape("input_layernorm.weight", d)] : NoTensors,
            .. design.FusedProjections
                ? Linear("self_attn.qkv_proj", q + (2 * kv), d, design.QueryKeyValueBias)
                :
                [
                    .. Linear("self_attn.q_proj", q, d, design.QueryKeyValueBias),
                    .. Linear("self_attn.k_proj", kv, d, design.QueryKeyValueBias),
                    .. Linear("self_attn.v_proj", kv, d, design.QueryKeyValueBias),
                ],
            .. design.QueryKeyNorm switch
            {
                QueryKeyNorm.PerHead => QueryKeyNorms(config.HeadDimension, config.HeadDimension),
                QueryKeyNorm.Whole => QueryKeyNorms(q, kv),
                _ => NoTensors,
            },
            .. Linear("self_attn.o_proj", d, q, design.OutputBias),
            .. design.Norms != NormPlacement.Before ? [new TensorShape("post_attention_layernorm.weight", d)] : NoTensors,
        ];
    }

    private static IEnumerable<TensorShape> FeedForward(ModelConfig config, DecoderDesign design)
    {
        int d = config.HiddenSize, inner = config.IntermediateSize;
        return
        [
            .. design.Norms != NormPlacement.After ? [new TensorShape($"{FeedForwardNorm(design.Norms)}.weight", d)] : NoTensors,
            .. (config.Experts, design.FusedProjections) switch
            {
                (ExpertConfig experts, _) => Experts(experts, design.ExpertNames, d),
                (null, true) => Linear("mlp.gate_up_proj", 2 * inner, d),
                (null, false) => [.. Linear("mlp.gate_proj", inner, d), .. Linear("mlp.up_proj", inner, d)],
            },
            .. config.Experts is null ? Linear("mlp.down_proj", d, inner) : NoTensors,
            .. design.Norms != NormPlacement.Before ? [new TensorShape("post_feedforward_layernorm.weight", d)] : NoTensors,
        ];
    }

    private static TensorShape[] NoTensors => [];

    private static TensorShape[] QueryKeyNorms(int queryLength, int keyLength) =>
        [new("self_attn.q_norm.weight", queryLength), new("self_attn.k_norm.weight", keyLength)];

    private static TensorShape[] Experts(ExpertConfig experts, ExpertNames names, int hidden)
    {
        IEnumerable<int> numbers = Enumerable.Range(0, experts.Count);
        return
        [
            .. Linear(names.Router, experts.Count, hidden),
            .. numbers.SelectMany(e => Linear($"{names.Experts}.{e}.{names.Gate}", experts.IntermediateSize, hidden)),
            .. numbers.SelectMany(e => Linear($"{names.Experts}.{e}.{names.Up}", experts.IntermediateSize, hidden)),
            .. numbers.SelectMany(e => Linear($"{names.Experts}.{e}.{names.Down}", hidden, experts.IntermediateSize)),
        ];
    }

    private static TensorShape[] Linear(string name, int outputs, int inputs, bool bias = false) => bias
        ? [new($"{name}.weight", outputs, inputs), new($"{name}.bias", outputs)]
        : [new($"{name}.weight", outputs, inputs)];
}
