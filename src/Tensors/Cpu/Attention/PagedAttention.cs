using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Causal attention over the paged cache: splits a ragged batch into tasks, and rows of few tasks along their positions.
/// Every row goes through blocks of <see cref="BlockScores.Positions"/> positions, each with a softmax of its own, and merges
/// them in their order (Dao, FlashAttention-2, 2023): it has the same bits in decode and prefill, in any chunk and batch,
/// with any number of threads and any block length of the cache, and no memory grows with the context.
/// </summary>
internal static unsafe class PagedAttention<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Query vectors of a task at most, so that converting keys and values costs little beside their use.</summary>
    private const int VectorsPerTask = 96;

    /// <summary>Query vectors of a task that shares a conversion, at least, where a slice has them.</summary>
    private const int LeastVectorsPerTask = 36;

    /// <summary>Tasks for each thread, so that a slow thread delays little.</summary>
    private const int TasksPerThread = 4;

    public static void Run(
        CpuContext context, Tensor q, HostKvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
    {
        switch (cache.Type)
        {
            case DType.F32:
                Run<KvF32<S, V>>(context, q, cache, layer, slices, options, y);
                break;
            case DType.F16:
                Run<KvF16<S, V>>(context, q, cache, layer, slices, options, y);
                break;
            case DType.BF16:
                Run<KvBF16<S, V>>(context, q, cache, layer, slices, options, y);
                break;
            default:
                Run<KvQ8<S, V>>(context, q, cache, layer, slices, options, y);
                break;
        }
    }

    private static void Run<F>(
        CpuContext context, Tensor q, HostKvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
        where F : struct, IKvFormat<V>
    {
        AttentionHeads<S, V, F> heads = new(q, cache, layer, options, y);
        List<AttentionTask> whole = Tasks(context.Pool.Threads, cache.KvHeadCount, heads.Group, slices, options);
        List<AttentionTask> tasks = whole;
        long parts = 0;
        if (whole.Count < TasksPerThread * context.Pool.Threads)
        {
            tasks = Split(whole, heads, ref parts);
        }

        float* shared = parts == 0 ? null : context.Shared.Floats(parts);
        context.Pool.For(tasks.Count, (task, worker) => heads.Run(context.Scratch[worker], tasks[task], shared));
        if (parts > 0)
        {
            heads.Merge(tasks, shared);
        }
    }

    /// <summary>Tasks of whole rows, the longest first: what is left for the end is short.</summary>
    private static List<AttentionTask> Tasks(int threads, int kvHeads, int group, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options)
    {
        long vectors = 0;
        foreach (AttentionSlice slice in slices)
        {
            vectors += (long)slice.RowCount * group * kvHeads;
        }

        int rowsPerTask = RowsPerTask(group, Math.Clamp(vectors / (TasksPerThread * threads), LeastVectorsPerTask, VectorsPerTask));
        List<AttentionTask> tasks = [];
        foreach (AttentionSlice slice in slices)
        {
            for (int row = 0; row < slice.RowCount; row += rowsPerTask)
            {
                AttentionSlice rows = slice with
                {
                    FirstRow = slice.FirstRow + row,
                    RowCount = Math.Min(rowsPerTask, slice.RowCount - row),
                    FirstPosition = slice.FirstPosition + row,
                };
                int first = options.SlidingWindow == 0 ? 0 : Math.Max(0, rows.FirstPosition + 1 - options.SlidingWindow);
                int last = (rows.FirstPosition + rows.RowCount + BlockScores.Positions - 1) / BlockScores.Positions;
                for (int head = 0; head < kvHeads; head++)
                {
                    tasks.Add(new AttentionTask(rows, head, first / BlockScores.Positions, last));
                }
            }
        }

        tasks.Sort((a, b) => (b.LastBlock - b.FirstBlock).CompareTo(a.LastBlock - a.FirstBlock));
        return tasks;
    }

    /// <summary>Rows whose vectors, of so many at most, leave the least of their tiles empty; of equals the most.</summary>
    private static int RowsPerTask(int group, long vectors)
    {
        int tile = OuterProductTile<S, V>.Rows, most = (int)Math.Max(1, vectors / group), best = most;
        for (int rows = most - 1; rows >= (most + 1) / 2; rows--)
        {
            if (rows * Lanes(best) > best * Lanes(rows))
            {
                best = rows;
            }
        }

        return best;

        int Lanes(int rows) => ((rows * group) + tile - 1) / tile * tile;
    }

    /// <summary>A task for each block of positions of each task.</summary>
    private static List<AttentionTask> Split<F>(List<AttentionTask> whole, in AttentionHeads<S, V, F> heads, ref long parts)
        where F : struct, IKvFormat<V>
    {
        List<AttentionTask> tasks = [];
        foreach (AttentionTask task in whole)
        {
            if (task.LastBlock - task.FirstBlock == 1)
            {
                tasks.Add(task);
                continue;
            }

            for (int block = task.FirstBlock; block < task.LastBlock; block++)
            {
                tasks.Add(task with { FirstBlock = block, LastBlock = block + 1, Part = parts });
                parts += heads.PartLength(task.Rows.RowCount);
            }
        }

        return tasks;
    }
}
