using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Attention of a task's query vectors. A vector is a row and a query head, rows first. A few vectors read keys and values as
/// they are stored; more of them share a conversion of each block to panels.
/// </summary>
internal readonly unsafe struct AttentionHeads<S, V, F>(Tensor q, HostKvCache cache, int layer, AttentionOptions options, Tensor y)
    where S : struct, ISimd<V>
    where V : struct
    where F : struct, IKvFormat<V>
{
    /// <summary>Above so many vectors, converting keys and values once pays.</summary>
    private const int ConvertAbove = 8;

    /// <summary>How many tiles ahead of their use keys are asked for, where those of the block before did not.</summary>
    private const int LaterTiles = 1;

    private int HeadDimension => cache.HeadDimension;

    /// <summary>Rounded up to whole tiles.</summary>
    private int PaddedDimension => AttentionPanels<S, V>.Padded(cache.HeadDimension);

    /// <summary>Query heads of a key/value head.</summary>
    public int Group => q.Columns / (cache.HeadDimension * cache.KvHeadCount);

    /// <summary>Floats that a part of so many rows takes: what each vector saw, then their values.</summary>
    public long PartLength(int rows) => (long)rows * Group * (2 + PaddedDimension);

    /// <summary>Computes a task, to y or to its part.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public void Run(NativeBuffer scratch, in AttentionTask task, float* parts)
    {
        int vectors = task.Rows.RowCount * Group;
        bool convert = vectors > ConvertAbove;
        int tile = convert ? OuterProductTile<S, V>.Rows : vectors == 1 ? 1 : S.Registers == 32 && vectors > 4 ? 8 : 4;
        int strips = (vectors + tile - 1) / tile, padded = strips * tile;
        long panelFloats = convert ? (long)BlockScores.Positions * (HeadDimension + PaddedDimension) : 0;
        float* panels = scratch.Floats(
            panelFloats + (12 * (BlockScores.Stride + PaddedDimension)) + (KvRuns.CopyBytes(cache) / sizeof(float)) + ((long)padded * (HeadDimension + PaddedDimension + 2)) + 64);
        float* scores = panels + panelFloats;
        float* sums = scores + (12 * BlockScores.Stride);
        byte* copies = (byte*)(sums + (12 * PaddedDimension));
        float* queries = (float*)(copies + KvRuns.CopyBytes(cache));
        float* values = queries + ((long)padded * HeadDimension);
        Seen* seen = (Seen*)(values + ((long)padded * PaddedDimension));
        new Span<Seen>(seen, padded).Clear();
        for (int strip = 0; strip < strips; strip++)
        {
            PackQueries(task, strip * tile, vectors, tile, queries + ((long)strip * tile * HeadDimension));
        }

        byte** pointers = stackalloc byte*[KvRuns.PointerCount];
        Seen* blockSeen = stackalloc Seen[12];
        KvRuns runs = new(cache, layer, task.KvHead, task.Rows.BlockTable.Span, pointers, KvRuns.CopyBytes(cache) == 0 ? null : copies);
        int end = Math.Min(task.Rows.FirstPosition + task.Rows.RowCount, task.LastBlock * BlockScores.Positions);
        for (int block = task.FirstBlock; block < task.LastBlock; block++)
        {
            int origin = block * BlockScores.Positions, last = Math.Min(BlockScores.Positions, end - origin);
            int first = FirstVisible(task.Rows.FirstPosition, origin);
            runs.Find(origin + first, origin + last, end);
            if (convert)
            {
                KvPanels<S, V, F>.Convert(runs, HeadDimension, first, last, panels, panels + (BlockScores.Positions * HeadDimension));
            }

            for (int strip = 0; strip < strips; strip++)
            {
                int vector = strip * tile, count = Math.Min(tile, vectors - vector);
                int from = FirstVisible(task.Rows.FirstPosition + (vector / Group), origin);
                int to = Math.Min(last, task.Rows.FirstPosition + ((vector + count - 1) / Group) + 1 - origin);
                if (from >= to)
                {
                    continue;
                }

                Scores(runs, convert, tile, queries + ((long)vector * HeadDimension), panels, from, to, scores);
                Exponentials(task.Rows.FirstPosition, vector, count, origin, from, to, scores, blockSeen);
                if (convert)
                {
                    KvPanels<S, V, F>.WeightedValues(panels + (BlockScores.Positions * HeadDimension), HeadDimension, from, to, scores, sums, PaddedDimension);
                }
                else
                {
                    ValueTile<S, V, F>.Run(tile, runs.Values, runs.NextKeys, HeadDimension, from, to, scores, sums, PaddedDimension);
                }

                for (int r = 0; r < count; r++)
                {
                    BlockScores<S, V>.Merge(
                        ref seen[vector + r], values + ((long)(vector + r) * PaddedDimension), blockSeen[r], sums + ((long)r * PaddedDimension), HeadDimension);
                }
            }
        }

        if (task.Part < 0)
        {
            Store(task, seen, values);
        }
        else
        {
            new Span<Seen>(seen, vectors).CopyTo(new Span<Seen>(parts + task.Part, vectors));
            new Span<float>(values, vectors * PaddedDimension).CopyTo(new Span<float>(parts + task.Part + (2L * vectors), vectors * PaddedDimension));
        }
    }

    /// <summary>Merges the parts of split tasks in the order of their blocks, which is their order in the list.</summary>
    public void Merge(List<AttentionTask> tasks, float* parts)
    {
        for (int i = 0; i < tasks.Count;)
        {
            AttentionTask task = tasks[i++];
            if (task.Part < 0)
            {
                continue;
            }

            int vectors = task.Rows.RowCount * Group;
            float* first = parts + task.Part;
            for (; i < tasks.Count && tasks[i].Part >= 0 && tasks[i].Rows.FirstRow == task.Rows.FirstRow && tasks[i].KvHead == task.KvHead; i++)
            {
                float* next = parts + tasks[i].Part;
                for (int r = 0; r < vectors; r++)
                {
                    long values = (2L * vectors) + ((long)r * PaddedDimension);
                    BlockScores<S, V>.Merge(ref ((Seen*)first)[r], first + values, ((Seen*)next)[r], next + values, HeadDimension);
                }
            }

            Store(task, (Seen*)first, first + (2L * vectors));
        }
    }

    /// <summary>The first position of a block that a row at a position sees, counted in the block.</summary>
    private int FirstVisible(int position, int origin) =>
        options.SlidingWindow == 0 ? 0 : Math.Max(0, position + 1 - options.SlidingWindow - origin);

    /// <summary>strip[i][r] = element i of a vector, times the scale; zeros beyond the last vector.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private void PackQueries(in AttentionTask task, int vector, int vectors, int tile, float* strip)
    {
        float scale = options.Scale * F.Unit;
        for (int r = 0; r < tile; r++)
        {
            float* source = vector + r < vectors ? Head(q, task, vector + r) : null;
            for (int i = 0; i < HeadDimension; i++)
            {
                strip[(i * tile) + r] = source is null ? 0 : source[i] * scale;
            }
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private void Scores(in KvRuns runs, bool convert, int tile, float* strip, float* panels, int from, int to, float* scores)
    {
        if (convert)
        {
            int width = OuterProductTile<S, V>.Columns;
            for (int p = from / width * width; p < to; p += width)
            {
                OuterProductTile<S, V>.Run(
                    HeadDimension, strip, tile, panels + ((long)p * HeadDimension), width, scores + p, BlockScores.Stride, tile, width, false);
            }

            return;
        }

        int vectors = ScoreTile<S, V, F>.Vectors(tile);
        byte** pointers = stackalloc byte*[16];
        ScoreKeys keys = new(pointers);
        for (int p = from / S.Count * S.Count; p < to; p += vectors * S.Count)
        {
            for (int c = 0; c < vectors; c++)
            {
                // Past the last run the same one again: those scores are not used.
                int position = Math.Min(p + (c * S.Count), to - 1), lane = position % HostKvCache.Lanes / S.Count * S.Count;
                byte* run = runs.Keys[position / HostKvCache.Lanes];
                keys.Elements[c] = run + (lane * F.ElementBytes);
                keys.Scales[c] = (float*)(run + (HostKvCache.Lanes * HeadDimension * F.ElementBytes)) + lane;
                keys.Values[c] = runs.Values[position / HostKvCache.Lanes] + (lane * HeadDimension * F.ElementBytes);
                int later = Math.Min(position + (LaterTiles * vectors * S.Count), to - 1);
                keys.Later[c] = runs.Keys[later / HostKvCache.Lanes] + (lane * HeadDimension * F.ElementBytes);
            }

            ScoreTile<S, V, F>.Run(tile, HeadDimension, strip, keys, scores + p);
        }
    }

    /// <summary>The softmax of each vector's visible scores; its others become 0.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private void Exponentials(int firstPosition, int vector, int count, int origin, int from, int to, float* scores, Seen* seen)
    {
        for (int r = 0; r < count; r++)
        {
            float* row = scores + (r * BlockScores.Stride);
            int position = firstPosition + ((vector + r) / Group);
            int first = Math.Max(from, FirstVisible(position, origin)), last = Math.Min(to, position + 1 - origin);
            if (first >= last)
            {
                seen[r] = default;
                new Span<float>(row + from, to - from).Clear();
                continue;
            }

            float sum = BlockScores<S, V>.Exponentials(row, first, last, options.SoftCap, F.Unit, out float largest);
            seen[r] = new Seen(largest, sum);
            new Span<float>(row + from, first - from).Clear();
            new Span<float>(row + last, to - last).Clear();
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private void Store(in AttentionTask task, Seen* seen, float* values)
    {
        for (int vector = 0; vector < task.Rows.RowCount * Group; vector++)
        {
            float* target = Head(y, task, vector);
            new Span<float>(values + ((long)vector * PaddedDimension), HeadDimension).CopyTo(new Span<float>(target, HeadDimension));
            Softmax<S, V>.Scale(target, HeadDimension, 1 / seen[vector].Sum);
        }
    }

    private float* Head(Tensor tensor, in AttentionTask task, int vector) =>
        (float*)tensor.Data + ((long)(task.Rows.FirstRow + (vector / Group)) * tensor.Columns) + (((task.KvHead * Group) + (vector % Group)) * HeadDimension);
}
