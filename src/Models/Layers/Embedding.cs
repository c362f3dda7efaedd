using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>The rows of a table, by token. table [vocabulary, d].</summary>
public sealed class Embedding(Tensor table)
{
    /// <summary>The table, [vocabulary, d].</summary>
    public Tensor Table { get; } = table;

    /// <summary>y[t] = table[ids[t]]. y [T, d].</summary>
    public void Forward(IBackend backend, ReadOnlySpan<int> ids, Tensor y) => backend.Embedding(Table, ids, y);

    /// <summary>dtable[ids[t]] += dy[t]. dy [T, d]; dtable [vocabulary, d].</summary>
    public static void Backward(IBackend backend, ReadOnlySpan<int> ids, Tensor dy, Tensor dtable) => backend.EmbeddingBackward(ids, dy, dtable);
}
