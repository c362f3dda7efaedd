using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>A block of a decoder: x += attention(x), then x += feedForward(x), with norms before, after, or both.</summary>
internal sealed class DecoderBlock : IDisposable
{
    private readonly RmsNorm? _attentionNorm;
    private readonly DecoderAttention _attention;
    private readonly RmsNorm? _attentionPostNorm;
    private readonly RmsNorm? _feedForwardNorm;
    private readonly DecoderFeedForward? _feedForward;
    private readonly DecoderExperts? _experts;
    private readonly RmsNorm? _feedForwardPostNorm;

    /// <summary>Takes the tensors of a layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderBlock(ModelWeights weights, IBackend backend, AdaptableLayers adaptable, DecoderDesign design, int layer)
    {
        string prefix = DecoderTensors.Layer(layer);
        RmsNorm Norm(string name) => weights.Norm($"{prefix}.{name}.weight", weights.Config.HiddenSize);
        bool before = design.Norms != NormPlacement.After, after = design.Norms != NormPlacement.Before;
        _attentionNorm = before ? Norm("input_layernorm") : null;
        _attention = new DecoderAttention(weights, backend, adaptable, design, layer);
        _attentionPostNorm = after ? Norm("post_attention_layernorm") : null;
        _feedForwardNorm = before ? Norm(DecoderTensors.FeedForwardNorm(design.Norms)) : null;
        _feedForward = weights.Config.Experts is null ? new DecoderFeedForward(weights, backend, adaptable, design, prefix) : null;
        _experts = weights.Config.Experts is ExpertConfig experts ? new DecoderExperts(weights, backend, design, experts, prefix) : null;
        _feedForwardPostNorm = after ? Norm("post_feedforward_layernorm") : null;
    }

    /// <summary>Updates the residual stream of the step in <paramref name="s"/> and writes the layer's keys and values.</summary>
    public void Forward(IBackend backend, DecoderPositions positions, ForwardBatch batch, KvCache cache, DecoderScratch s)
    {
        Tensor input = Normed(backend, _attentionNorm, s);
        _attention.Forward(backend, input, positions, batch, cache, s);
        Add(backend, _attentionPostNorm, s);

        input = Normed(backend, _feedForwardNorm, s);
        _feedForward?.Forward(backend, input, batch.Adapters, s);
        _experts?.Forward(backend, input, s);
        Add(backend, _feedForwardPostNorm, s);
    }

    public void Dispose()
    {
        _attention.Dispose();
        _feedForward?.Dispose();
        _experts?.Dispose();
    }

    private static Tensor Normed(IBackend backend, RmsNorm? norm, DecoderScratch s)
    {
        norm?.Forward(backend, s.Residual, s.Normed);
        return norm is null ? s.Residual : s.Normed;
    }

    private static void Add(IBackend backend, RmsNorm? norm, DecoderScratch s)
    {
        norm?.Forward(backend, s.Change, s.Change);
        backend.Add(s.Change, s.Residual);
    }
}
