using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>A block of a pre-norm decoder: x += attention(norm(x)), then x += feedForward(norm(x)).</summary>
internal sealed class DecoderBlock(
    RmsNorm attentionNorm, Projection queryKeyValue, Projection output, RmsNorm feedForwardNorm, Projection gateUp, Projection down) : IDisposable
{
    /// <summary>The block of a layer, under the names of Hugging Face's Llama family.</summary>
    public static DecoderBlock Load(ModelWeights weights, IBackend backend, int layer, bool queryKeyValueBias, bool outputBias)
    {
        ModelConfig c = weights.Config;
        string p = $"model.layers.{layer}";
        int d = c.HiddenSize, q = c.HeadCount * c.HeadDimension, kv = c.KvHeadCount * c.HeadDimension;
        return new DecoderBlock(
            new RmsNorm(weights.Vector($"{p}.input_layernorm.weight", d), c.RmsNormEpsilon),
            new Projection(
                backend,
                weights.Linear($"{p}.self_attn.q_proj", q, d, queryKeyValueBias),
                weights.Linear($"{p}.self_attn.k_proj", kv, d, queryKeyValueBias),
                weights.Linear($"{p}.self_attn.v_proj", kv, d, queryKeyValueBias)),
            new Projection(backend, weights.Linear($"{p}.self_attn.o_proj", d, q, outputBias)),
            new RmsNorm(weights.Vector($"{p}.post_attention_layernorm.weight", d), c.RmsNormEpsilon),
            new Projection(
                backend,
                weights.Linear($"{p}.mlp.gate_proj", c.IntermediateSize, d),
                weights.Linear($"{p}.mlp.up_proj", c.IntermediateSize, d)),
            new Projection(backend, weights.Linear($"{p}.mlp.down_proj", d, c.IntermediateSize)));
    }

    /// <summary>Updates the residual stream of the step in <paramref name="s"/> and writes the layer's keys and values.</summary>
    public void Forward(IBackend backend, RotaryEmbedding rotary, ForwardBatch batch, KvCache cache, int layer, DecoderScratch s)
    {
        attentionNorm.Forward(backend, s.Residual, s.Normed);
        queryKeyValue.Forward(s.Normed, s.Query, s.Key, s.Value);
        rotary.Forward(backend, s.Query, batch.Positions);
        rotary.Forward(backend, s.Key, batch.Positions);
        backend.WriteKv(s.Key, s.Value, cache, layer, batch.Slots);
        backend.PagedAttention(s.Query, cache, layer, batch.Slices, new(1 / MathF.Sqrt(cache.HeadDimension)), s.Attended);
        output.Forward(s.Attended, s.Change);
        backend.Add(s.Change, s.Residual);

        feedForwardNorm.Forward(backend, s.Residual, s.Normed);
        gateUp.Forward(s.Normed, s.Gated, s.Raised);
        backend.SwiGlu(s.Gated, s.Raised, s.Gated);
        down.Forward(s.Gated, s.Change);
        backend.Add(s.Change, s.Residual);
    }

    public void Dispose()
    {
        queryKeyValue.Dispose();
        output.Dispose();
        gateUp.Dispose();
        down.Dispose();
    }
}
