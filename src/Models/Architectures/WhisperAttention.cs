using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The weights of an attention and its norm. Cross-attention projects the encoder's output to keys and values once a clip.</summary>
internal sealed class WhisperAttention : IDisposable
{
    public WhisperAttention(WhisperWeights weights, IBackend backend, string name, bool cross)
    {
        int width = weights.Config.HiddenSize;
        Norm = weights.Norm(name + "_layer_norm", width);
        Linear query = weights.Linear(name + ".q_proj", width, width), key = weights.Linear(name + ".k_proj", width, width, bias: false);
        Linear value = weights.Linear(name + ".v_proj", width, width);
        Query = cross ? new Projection(backend, query) : new Projection(backend, query, key, value);
        KeyValue = cross ? new Projection(backend, key, value) : null;
        Output = new Projection(backend, weights.Linear(name + ".out_proj", width, width));
    }

    public LayerNorm Norm { get; }

    /// <summary>To queries; in self-attention to keys and values too.</summary>
    public Projection Query { get; }

    /// <summary>To keys and values, in cross-attention.</summary>
    public Projection? KeyValue { get; }

    public Projection Output { get; }

    public void Dispose()
    {
        Query.Dispose();
        KeyValue?.Dispose();
        Output.Dispose();
    }
}
