using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The decoder's weights, shared by all of its streams.</summary>
internal sealed class WhisperDecoderWeights : IDisposable
{
    public WhisperDecoderWeights(WhisperWeights weights, IBackend backend)
    {
        WhisperConfig config = weights.Config;
        Tensor table = weights.Matrix("model.decoder.embed_tokens.weight", config.VocabularySize, config.HiddenSize);
        Embedding = weights.Place(table);
        Positions = weights.FloatMatrix("model.decoder.embed_positions.weight", config.TextContext, config.HiddenSize);
        Layers = [.. Enumerable.Range(0, config.DecoderLayers).Select(i => new WhisperDecoderLayer(weights, backend, $"model.decoder.layers.{i}."))];
        Norm = weights.Norm("model.decoder.layer_norm", config.HiddenSize);
        Head = new Projection(backend, new Linear(table));
    }

    /// <summary>[vocabulary, d]; as stored it is the output projection too.</summary>
    public Tensor Embedding { get; }

    /// <summary>[text context, d].</summary>
    public Tensor Positions { get; }

    public WhisperDecoderLayer[] Layers { get; }

    public LayerNorm Norm { get; }

    public Projection Head { get; }

    public void Dispose()
    {
        foreach (WhisperDecoderLayer layer in Layers)
        {
            layer.Dispose();
        }

        Head.Dispose();
    }
}
