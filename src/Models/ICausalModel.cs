using Inference.Tensors;

namespace Inference.Models;

/// <summary>A decoder-only language model: one implementation an architecture. Not thread-safe: one step at a time.</summary>
public interface ICausalModel : IDisposable
{
    /// <summary>Shape and constants.</summary>
    ModelConfig Config { get; }

    /// <summary>Bytes of the weights.</summary>
    long WeightBytes { get; }

    /// <summary>Allocates a paged cache that fits the model.</summary>
    KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32);

    /// <summary>
    /// Runs one step: writes the batch's keys and values into the cache and the logits of
    /// <see cref="ForwardBatch.LogitRows"/> into logits [LogitRows.Length, vocabulary].
    /// </summary>
    void Forward(ForwardBatch batch, KvCache cache, Tensor logits);
}
