using Inference.Models;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>Names, shapes and initial values of the Llama architecture's parameters (tied embeddings, no biases).</summary>
public static class LlamaParameters
{
    private const double InitialDeviation = 0.02;

    /// <summary>Name of the embedding table, [vocabulary, hidden].</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>Name of the last norm, [1, hidden].</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>Name of a tensor of block <paramref name="layer"/>: "self_attn.q_proj" and so on.</summary>
    public static string Block(int layer, string part) => $"model.layers.{layer}.{part}.weight";

    /// <summary>
    /// Parameters drawn from a normal distribution of deviation 0.02, divided by sqrt(2 layers) where a block writes into the
    /// residual stream (GPT-2's way); norms are 1.
    /// </summary>
    /// <exception cref="ArgumentException">The architecture, its biases or an untied head are not supported.</exception>
    public static ParameterSet Create(ModelConfig config, int seed)
    {
        if (config.Architecture != "llama" || config.AttentionBias || !config.TieWordEmbeddings)
        {
            throw new ArgumentException(
                $"training takes architecture llama with tied embeddings and without biases, not {config.Architecture} "
                + $"(attention_bias {config.AttentionBias}, tie_word_embeddings {config.TieWordEmbeddings})", nameof(config));
        }

        Random random = new(seed);
        double residual = InitialDeviation / Math.Sqrt(2.0 * config.LayerCount);
        int width = config.HiddenSize, inner = config.IntermediateSize;
        int queries = config.HeadCount * config.HeadDimension, keys = config.KvHeadCount * config.HeadDimension;
        List<KeyValuePair<string, Tensor>> entries = [new(Embedding, NormalTensor.Draw(random, config.VocabularySize, width, InitialDeviation))];
        for (int i = 0; i < config.LayerCount; i++)
        {
            entries.Add(new(Block(i, "input_layernorm"), Ones(width)));
            entries.Add(new(Block(i, "self_attn.q_proj"), NormalTensor.Draw(random, queries, width, InitialDeviation)));
            entries.Add(new(Block(i, "self_attn.k_proj"), NormalTensor.Draw(random, keys, width, InitialDeviation)));
            entries.Add(new(Block(i, "self_attn.v_proj"), NormalTensor.Draw(random, keys, width, InitialDeviation)));
            entries.Add(new(Block(i, "self_attn.o_proj"), NormalTensor.Draw(random, width, queries, residual)));
            entries.Add(new(Block(i, "post_attention_layernorm"), Ones(width)));
            entries.Add(new(Block(i, "mlp.gate_proj"), NormalTensor.Draw(random, inner, width, InitialDeviation)));
            entries.Add(new(Block(i, "mlp.up_proj"), NormalTensor.Draw(random, inner, width, InitialDeviation)));
            entries.Add(new(Block(i, "mlp.down_proj"), NormalTensor.Draw(random, width, inner, residual)));
        }

        entries.Add(new(FinalNorm, Ones(width)));
        return new ParameterSet(entries);
    }

    private static Tensor Ones(int columns)
    {
        Tensor tensor = Tensor.Allocate(1, columns);
        tensor.Span.Fill(1);
        return tensor;
    }
}
