using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>A decoder-only language model: one implementation an architecture. Not thread-safe: one step at a time.</summary>
public interface ICausalModel : IDisposable
{
    /// <summary>Shape and constants.</summary>
    ModelConfig Config { get; }

    /// <summary>Bytes of the weights.</summary>
    long WeightBytes { get; }

    /// <summary>Threads that <see cref="RunOnHost"/> uses.</summary>
    int HostThreads => 1;

    /// <summary>Allocates a paged cache that fits the model.</summary>
    KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32);

    /// <summary>Room for the logits of at most <paramref name="rows"/> rows: <see cref="Forward"/> writes them, the host reads them.</summary>
    Readback CreateLogits(int rows) => new(Tensor.Allocate(rows, Config.VocabularySize));

    /// <summary>Makes an adapter ready to run on this model, and closes it, whether that works or not. Any thread may, during a step too.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="format">Number format of the copies: F32, F16, BF16, or Q8_0 for 8 bits. Null: as stored beside weights of F32, else what the backend reads the fastest.</param>
    /// <exception cref="ModelFormatException">The adapter does not fit this model.</exception>
    AdapterWeights Bind(LoraAdapter adapter, DType? format = null)
    {
        using (adapter)
        {
            throw new ModelFormatException(adapter.Path, "the model takes no adapters");
        }
    }

    /// <summary>
    /// Runs one step: writes the batch's keys and values into the cache and the logits of
    /// <see cref="ForwardBatch.LogitRows"/> into logits [LogitRows.Length, vocabulary], which are of <see cref="CreateLogits"/>.
    /// </summary>
    void Forward(ForwardBatch batch, KvCache cache, Tensor logits);

    /// <summary>
    /// Calls body(item, thread) for each item in [0, count) on the threads that run the model, between two steps; thread
    /// in [0, <see cref="HostThreads"/>) is exclusive to its caller. An exception in an item is thrown here.
    /// </summary>
    void RunOnHost(int count, Action<int, int> body)
    {
        for (int i = 0; i < count; i++)
        {
            body(i, 0);
        }
    }
}
