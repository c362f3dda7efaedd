using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Causal attention over the paged cache. A task is a key/value head and a few rows of one slice with all their query
/// heads, so that keys and values are read once for them. Scores are dot products in the order of
/// <see cref="DotTile{S, V, F}"/>, the softmax is over whole rows, and values are summed by increasing position:
/// a row has the same bits in any batch and with any block length.
/// </summary>
internal static unsafe class PagedAttention<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Query vectors that share a reading of the cache.</summary>
    private const int VectorsPerTask = 12;

    public static void Run(CpuContext context, Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
    {
        switch (cache.Keys[layer].Type)
        {
            case DType.F32:
                Run<WeightF32<S, V>>(context, q, cache, layer, slices, options, y);
                break;
            case DType.F16:
                Run<WeightF16<S, V>>(context, q, cache, layer, slices, options, y);
                break;
            default:
                Run<WeightBF16<S, V>>(context, q, cache, layer, slices, options, y);
                break;
        }
    }

    private static void Run<F>(
        CpuContext context, Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
        where F : struct, IWeightFormat<V>
    {
        int kvHeads = cache.KvHeadCount, group = q.Columns / (cache.HeadDimension * kvHeads);
        int rowsPerTask = Math.Max(1, VectorsPerTask / group);
        List<AttentionSlice> tasks = [];
        foreach (AttentionSlice slice in slices)
        {
            for (int row = 0; row < slice.RowCount; row += rowsPerTask)
            {
                tasks.Add(slice with
                {
                    FirstRow = slice.FirstRow + row,
                    RowCount = Math.Min(rowsPerTask, slice.RowCount - row),
                    FirstPosition = slice.FirstPosition + row,
                });
            }
        }

        // The longest rows first: what is left for the end is short.
        context.Pool.For(tasks.Count * kvHeads, (task, worker) =>
            Rows<F>(
                context.Scratch[worker], q, cache, layer, tasks[tasks.Count - 1 - (task / kvHeads)], task % kvHeads, group, options, y));
    }

    private static void Rows<F>(
        NativeBuffer scratch, Tensor q, KvCache cache, int layer, in AttentionSlice slice, int kvHead, int group, AttentionOptions options, Tensor y)
        where F : struct, IWeightFormat<V>
    {
        // What no row of the task sees is left out; positions count from the first that one does.
        int first = options.SlidingWindow == 0 ? 0 : Math.Max(0, slice.FirstPosition + 1 - options.SlidingWindow);
        int d = cache.HeadDimension, vectors = slice.RowCount * group, positions = slice.FirstPosition + slice.RowCount - first;
        int stride = (positions + 15) & ~15;
        float* queries = scratch.Floats(((long)vectors * (stride + d + d + 1)) + 16 + (2L * (positions + KvOffsets.Ahead + 1)));
        float* scores = queries + ((long)vectors * d);
        float* sums = scores + ((long)vectors * stride);
        float* inverses = sums + ((long)vectors * d);
        Tensor keys = cache.Keys[layer], values = cache.Values[layer];
        nint* offsets = (nint*)(((nint)(inverses + vectors) + 7) & ~7);
        KvOffsets.Fill(slice.BlockTable.Span, cache.BlockLength, (nint)keys.RowBytes, first, positions, offsets);
        for (int i = 0; i < vectors; i++)
        {
            float* source = Head(q, slice.FirstRow + (i / group), (kvHead * group) + (i % group), d);
            for (int j = 0; j < d; j++)
            {
                queries[(i * d) + j] = source[j] * options.Scale;
            }
        }

        Scores<F>((byte*)keys.Data + (kvHead * d * keys.Type.BlockBytes()), offsets, queries, vectors, d, positions, scores, stride);
        for (int i = 0; i < vectors; i++)
        {
            float* row = scores + ((long)i * stride);
            int visible = slice.FirstPosition + (i / group) + 1 - first;
            int hidden = options.SlidingWindow == 0 ? 0 : Math.Max(0, visible - options.SlidingWindow);
            new Span<float>(row, hidden).Clear();
            new Span<float>(row + visible, positions - visible).Clear();
            row += hidden;
            visible -= hidden;
            if (options.SoftCap != 0)
            {
                Elementwise<S, V>.SoftCap(row, visible, options.SoftCap);
            }

            inverses[i] = 1 / Softmax<S, V>.Exponentials(row, visible, Softmax<S, V>.Max(row, visible));
        }

        ValueSum<S, V, F>.Run((byte*)values.Data, offsets, kvHead * d, scores, stride, vectors, positions, inverses, sums, d, d);
        for (int i = 0; i < vectors; i++)
        {
            float* target = Head(y, slice.FirstRow + (i / group), (kvHead * group) + (i % group), d);
            new Span<float>(sums + ((long)i * d), d).CopyTo(new Span<float>(target, d));
        }
    }

    /// <summary>scores[i, position] = queries[i] . the key at keys + offsets[position].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scores<F>(
        byte* keys, nint* offsets, float* queries, int vectors, int d, int positions, float* scores, int stride)
        where F : struct, IWeightFormat<V>
    {
        Vector128<float>* sums = stackalloc Vector128<float>[8];
        for (int p = 0; p < positions; p += 4)
        {
            // Past the last position the offsets repeat, and the scores are not used.
            WeightRows rows = new(
                keys + offsets[p], keys + offsets[p + 1], keys + offsets[p + 2], keys + offsets[p + 3],
                offsets[p + KvOffsets.Ahead] - offsets[p]);
            for (int i = 0; i < vectors;)
            {
                int done = DotTile<S, V, F>.Run(vectors - i, d, queries + ((long)i * d), d, rows, sums);
                for (int r = 0; r < done; r++)
                {
                    sums[r].Store(scores + ((long)(i + r) * stride) + p);
                }

                i += done;
            }
        }
    }

    private static float* Head(Tensor tensor, int row, int head, int d) =>
        (float*)tensor.Data + ((long)row * tensor.Columns) + (head * d);
}
