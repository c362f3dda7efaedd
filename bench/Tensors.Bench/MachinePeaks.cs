using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu;
using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Bench;

/// <summary>What the machine can do at most: arithmetic on registers, and reads of memory beyond the caches.</summary>
/// <param name="Flops">Of F32 multiply-adds.</param>
/// <param name="BFloat16">The same of products of BF16 pairs, or <paramref name="Flops"/> without the instruction.</param>
/// <param name="Bytes">The same of products of bytes (512-bit VNNI), or <paramref name="Flops"/> without the instruction.</param>
/// <param name="BytesPerSecond">Read by all threads together.</param>
internal readonly unsafe record struct MachinePeaks(double Flops, double BFloat16, double Bytes, double BytesPerSecond)
{
    private const int PartBytes = 128 << 20;

    /// <summary>Huge pages, as those of weights: with small ones the same loop reads a third less.</summary>
    private static readonly List<NativePages> Memory = [];

    public static MachinePeaks Measure(int threads)
    {
        const int Steps = 2_000_000;
        Sampling time = Sampling.Of(() => OnThreads(threads, _ => MultiplyAdd(Steps)));
        double flops = threads * Steps * 16.0 * Vector512<float>.Count * 2 / time.Best;
        return new(
            flops,
            Math.Max(flops, EmittedPeaks.Measure(Evex.DotBFloat16, EmittedCode.HasBFloat16, 32, threads)),
            Math.Max(flops, EmittedPeaks.Measure(Evex.DotBytes, EmittedCode.HasVnni, 64, threads)),
            Reads(threads));
    }

    /// <summary>Bytes a second, of the best run. Memory changes its speed over time, so a share of it wants a measurement close by.</summary>
    public static double Reads(int threads)
    {
        while (Memory.Count < threads)
        {
            NativePages part = new(PartBytes);
            new Span<float>(part.Data, PartBytes / sizeof(float)).Fill(1);
            Memory.Add(part);
        }

        return threads * (double)PartBytes / Sampling.Of(() => OnThreads(threads, i => Sum((float*)Memory[i].Data)), 0.15).Best;
    }

    public static void OnThreads(int threads, Func<int, float> work)
    {
        Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => work(i)))];
        Array.ForEach(others, thread => thread.Start());
        work(0);
        Array.ForEach(others, thread => thread.Join());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdd(int steps)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x, m = x, n = x, o = x, p = x;
        for (int step = 0; step < steps; step++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
            m = Vector512.FusedMultiplyAdd(m, x, y);
            n = Vector512.FusedMultiplyAdd(n, x, y);
            o = Vector512.FusedMultiplyAdd(o, x, y);
            p = Vector512.FusedMultiplyAdd(p, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(float* memory)
    {
        Vector512<float> a = default, b = default, c = default, d = default;
        for (nint i = 0; i < PartBytes / sizeof(float); i += 64)
        {
            a += Vector512.Load(memory + i);
            b += Vector512.Load(memory + i + 16);
            c += Vector512.Load(memory + i + 32);
            d += Vector512.Load(memory + i + 48);
        }

        return Vector512.Sum(a + b + c + d);
    }
}
