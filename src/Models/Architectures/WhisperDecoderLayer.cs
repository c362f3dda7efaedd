using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The weights of a layer of the decoder.</summary>
internal sealed class WhisperDecoderLayer(WhisperWeights weights, IBackend backend, string name) : IDisposable
{
    public WhisperAttention Self { get; } = new(weights, backend, name + "self_attn", cross: false);

    public WhisperAttention Cross { get; } = new(weights, backend, name + "encoder_attn", cross: true);

    public WhisperFeedForward FeedForward { get; } = new(weights, backend, name, weights.Config.DecoderIntermediateSize);

    public void Dispose()
    {
        Self.Dispose();
        Cross.Dispose();
        FeedForward.Dispose();
    }
}
