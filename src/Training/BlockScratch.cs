using Inference.Models;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>Buffers that all blocks of a pass share, because none outlives a block's forward or backward pass.</summary>
internal sealed class BlockScratch(IBackend backend, ModelConfig config, bool normsQueries, int rows) : IDisposable
{
    /// <summary>Gradient of the residual stream, [rows, hidden].</summary>
    public Tensor Dx { get; } = backend.Allocate(rows, config.HiddenSize);

    /// <summary>Gradient of a norm's output, [rows, hidden].</summary>
    public Tensor Dnorm { get; } = backend.Allocate(rows, config.HiddenSize);

    /// <summary>Gradient of the attention's output, [rows, heads * d].</summary>
    public Tensor Dattended { get; } = backend.Allocate(rows, config.HeadCount * config.HeadDimension);

    /// <summary>Gradient of the queries, [rows, heads * d].</summary>
    public Tensor Dq { get; } = backend.Allocate(rows, config.HeadCount * config.HeadDimension);

    /// <summary>Gradient of the keys, [rows, kvHeads * d].</summary>
    public Tensor Dk { get; } = backend.Allocate(rows, config.KvHeadCount * config.HeadDimension);

    /// <summary>Gradient of the values, [rows, kvHeads * d].</summary>
    public Tensor Dv { get; } = backend.Allocate(rows, config.KvHeadCount * config.HeadDimension);

    /// <summary>Gradient of the queries before their norm, [rows, heads * d]; empty where there is none.</summary>
    public Tensor DqueryProduct { get; } = backend.Allocate(normsQueries ? rows : 0, config.HeadCount * config.HeadDimension);

    /// <summary>Gradient of the keys before their norm, [rows, kvHeads * d]; empty where there is none.</summary>
    public Tensor DkeyProduct { get; } = backend.Allocate(normsQueries ? rows : 0, config.KvHeadCount * config.HeadDimension);

    /// <summary>Gradient of the feed-forward's product, [rows, intermediate].</summary>
    public Tensor Dhidden { get; } = backend.Allocate(rows, config.IntermediateSize);

    /// <summary>Gradient of the gate, [rows, intermediate].</summary>
    public Tensor Dgated { get; } = backend.Allocate(rows, config.IntermediateSize);

    /// <summary>Gradient of the up projection, [rows, intermediate].</summary>
    public Tensor Draised { get; } = backend.Allocate(rows, config.IntermediateSize);

    /// <summary>The first rows of a buffer, set to zero.</summary>
    public static Tensor Cleared(IBackend backend, Tensor buffer, int rows)
    {
        Tensor slice = buffer.Slice(0, rows);
        backend.Clear(slice);
        return slice;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[Dx, Dnorm, Dattended, Dq, Dk, Dv, DqueryProduct, DkeyProduct, Dhidden, Dgated, Draised])
        {
            tensor.Dispose();
        }
    }
}
