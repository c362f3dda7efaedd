namespace Inference.Tensors.Cpu;

/// <summary>One of <see cref="PackedSequences"/>.</summary>
internal readonly record struct PackedSequence(int FirstQuery, int Queries, int FirstKey, int Keys, bool Causal)
{
    /// <summary>The number of keys that a query of the sequence attends to.</summary>
    public int Visible(int query) => Causal ? query + 1 : Keys;
}
