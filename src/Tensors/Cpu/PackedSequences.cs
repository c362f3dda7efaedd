namespace Inference.Tensors.Cpu;

/// <summary>Which rows of queries and of keys belong together: sequence s has the rows from starts[s] to starts[s + 1] of each.</summary>
internal readonly record struct PackedSequences(int[] QueryStarts, int[] KeyStarts, bool Causal)
{
    public int Count => QueryStarts.Length - 1;

    public PackedSequence this[int s] =>
        new(QueryStarts[s], QueryStarts[s + 1] - QueryStarts[s], KeyStarts[s], KeyStarts[s + 1] - KeyStarts[s], Causal);
}
