using System.Collections.Concurrent;
using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Generation.Tests.Adapters;

/// <summary>A model for a pool of adapters, whose reading can be held up.</summary>
internal sealed class HeldModel(ICausalModel model) : ICausalModel
{
    private readonly ManualResetEventSlim _open = new(true);
    private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Names of the threads that read an adapter, one for each reading.</summary>
    public ConcurrentQueue<string?> Readers { get; } = [];

    /// <summary>A reading has begun since <see cref="Hold"/>.</summary>
    public Task Reading => _reading.Task;

    public ModelConfig Config => model.Config;

    public long WeightBytes => model.WeightBytes;

    public int HostThreads => model.HostThreads;

    public void Hold() => _open.Reset();

    public void Release() => _open.Set();

    public AdapterWeights Bind(LoraAdapter adapter, DType? format = null)
    {
        Readers.Enqueue(Thread.CurrentThread.Name);
        if (!_open.IsSet)
        {
            _reading.SetResult();
            _open.Wait();
        }

        return model.Bind(adapter, format);
    }

    public KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32) => model.CreateKvCache(blockCount, blockLength, type);

    public void Forward(ForwardBatch batch, KvCache cache, Tensor logits) => model.Forward(batch, cache, logits);

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}
