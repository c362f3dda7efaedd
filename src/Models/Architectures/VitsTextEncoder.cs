using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Symbols to hidden states, and to means and log standard deviations of the latent frames: embeddings, layers of relative attention and convolutions.</summary>
internal sealed class VitsTextEncoder : IDisposable
{
    private readonly IBackend _backend;
    private readonly VitsConfig _config;
    private readonly Tensor _embeddings;
    private readonly Layer[] _layers;
    private readonly Convolution _project;

    public VitsTextEncoder(VitsWeights weights, IBackend backend)
    {
        (_backend, _config) = (backend, weights.Config);
        _embeddings = weights.Place(weights.Matrix("text_encoder.embed_tokens.weight", _config.VocabularySize, _config.HiddenSize));
        _layers = [.. Enumerable.Range(0, _config.Layers).Select(i => new Layer(weights, backend, $"text_encoder.encoder.layers.{i}."))];
        _project = weights.Convolution(backend, "text_encoder.project", 2 * _config.FlowSize, _config.HiddenSize, 1);
    }

    /// <summary>ids to hidden [T, width] and statistics [T, 2 * flow]: means, then logarithms of deviations. The caller owns both.</summary>
    public (Tensor Hidden, Tensor Statistics) Forward(ReadOnlySpan<int> ids)
    {
        int rows = ids.Length, width = _config.HiddenSize;
        Tensor x = _backend.Allocate(rows, width);
        _backend.Embedding(_embeddings, ids, x);
        _backend.Scale(x, MathF.Sqrt(width));
        using Tensor y = _backend.Allocate(rows, width), raised = _backend.Allocate(rows, _config.IntermediateSize);
        foreach (Layer layer in _layers)
        {
            layer.Attention.Forward(x, y);
            _backend.Add(y, x);
            layer.AttentionNorm.Forward(_backend, x, x);
            layer.Raise.Forward(x, raised);
            _backend.LeakyRelu(raised, 0, raised);
            layer.Lower.Forward(raised, y);
            _backend.Add(y, x);
            layer.Norm.Forward(_backend, x, x);
        }

        Tensor statistics = _backend.Allocate(rows, 2 * _config.FlowSize);
        _project.Forward(x, statistics);
        return (x, statistics);
    }

    public void Dispose()
    {
        Array.ForEach(_layers, layer => layer.Dispose());
        _project.Dispose();
    }

    private sealed class Layer(VitsWeights weights, IBackend backend, string name) : IDisposable
    {
        public VitsAttention Attention { get; } = new(weights, backend, name + "attention.");

        public LayerNorm AttentionNorm { get; } = weights.Norm(name + "layer_norm", weights.Config.HiddenSize, weights.Config.NormEpsilon);

        public Convolution Raise { get; } = weights.Convolution(
            backend, name + "feed_forward.conv_1", weights.Config.IntermediateSize, weights.Config.HiddenSize, weights.Config.FeedForwardTaps);

        public Convolution Lower { get; } = weights.Convolution(
            backend, name + "feed_forward.conv_2", weights.Config.HiddenSize, weights.Config.IntermediateSize, weights.Config.FeedForwardTaps);

        public LayerNorm Norm { get; } = weights.Norm(name + "final_layer_norm", weights.Config.HiddenSize, weights.Config.NormEpsilon);

        public void Dispose()
        {
            Attention.Dispose();
            Raise.Dispose();
            Lower.Dispose();
        }
    }
}
