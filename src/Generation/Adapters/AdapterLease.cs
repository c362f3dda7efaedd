using Inference.Models.Lora;

namespace Inference.Generation.Adapters;

/// <summary>The use of a loaded adapter, which stays loaded until this is disposed of.</summary>
public sealed class AdapterLease : IDisposable
{
    private readonly Action _release;
    private int _disposed;

    internal AdapterLease(LoadedAdapter adapter, AdapterUsage usage, Action release) => (Adapter, Usage, _release) = (adapter, usage, release);

    /// <summary>The adapter, bound to the pool's model.</summary>
    public AdapterWeights Weights => Adapter.Weights;

    /// <summary>What is counted under its name.</summary>
    public AdapterUsage Usage { get; }

    internal LoadedAdapter Adapter { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _release();
    }
}
