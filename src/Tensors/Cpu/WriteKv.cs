namespace Inference.Tensors.Cpu;

/// <summary>Stores rows of keys and values in the cache, rounding to its format.</summary>
internal static unsafe class WriteKv
{
    public static void Run(CpuContext context, Tensor k, Tensor v, KvCache cache, int layer, int[] slots) =>
        context.Chunks(slots.Length, CpuContext.RowsPerTask(k.Columns), (first, last) =>
        {
            for (int t = first; t < last; t++)
            {
                cache.Keys[layer].WriteRow(slots[t], new ReadOnlySpan<float>((float*)k.Data + ((long)t * k.Columns), k.Columns));
                cache.Values[layer].WriteRow(slots[t], new ReadOnlySpan<float>((float*)v.Data + ((long)t * v.Columns), v.Columns));
            }
        });
}
