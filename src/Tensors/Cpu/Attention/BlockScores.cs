using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>The block of positions that the softmax of attention is computed by.</summary>
internal static class BlockScores
{
    /// <summary>
    /// Positions of a block; blocks lie on multiples of it. Keys of 256 positions fit into the first-level cache in 16 bits,
    /// and the order of all sums hangs on this number alone.
    /// </summary>
    public const int Positions = 256;

    /// <summary>Distance of rows of scores: a little more, so that rows of a tile do not share cache sets.</summary>
    public const int Stride = Positions + 16;
}

/// <summary>The softmax of a block of scores, and the merging of blocks (Milakov and Gimelshein, Online normalizer, 2018).</summary>
internal static unsafe class BlockScores<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>
    /// Turns scores [first, last), at least one, into unit * e^(score - largest), after the soft cap; returns the sum
    /// without the unit.
    /// </summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static float Exponentials(float* scores, int first, int last, float softCap, float unit, out float largest)
    {
        scores += first;
        int n = last - first;
        if (softCap != 0)
        {
            Elementwise<S, V>.SoftCap(scores, n, softCap);
        }

        largest = Softmax<S, V>.Max(scores, n);
        return Softmax<S, V>.Exponentials(scores, n, largest, unit);
    }

    /// <summary>
    /// Adds a block's sum and weighted values [n] to those of the blocks before, all relative to their largest scores.
    /// A sum of 0 means that nothing was seen.
    /// </summary>
    [MethodImpl(KernelCompilation.AtRunTime)]
    public static void Merge(ref Seen all, float* values, in Seen block, float* blockValues, int n)
    {
        if (block.Sum == 0)
        {
            return;
        }

        if (all.Sum == 0)
        {
            all = block;
            new Span<float>(blockValues, n).CopyTo(new Span<float>(values, n));
            return;
        }

        float largest = MathF.Max(all.Largest, block.Largest);
        float keep = largest == all.Largest ? 1 : MathF.Exp(all.Largest - largest), take = largest == block.Largest ? 1 : MathF.Exp(block.Largest - largest);
        all = new Seen(largest, (all.Sum * keep) + (block.Sum * take));
        V k = S.Broadcast(keep), t = S.Broadcast(take);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(values + i, S.Fma(S.Load(blockValues + i), t, S.Multiply(S.Load(values + i), k)));
        }

        for (; i < n; i++)
        {
            values[i] = MathF.FusedMultiplyAdd(blockValues[i], take, values[i] * keep);
        }
    }
}
