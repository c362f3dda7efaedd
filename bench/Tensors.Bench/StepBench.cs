using System.Diagnostics;
using Inference.Tensors.Cpu;

namespace Inference.Tensors.Bench;

/// <summary>
/// Microseconds of the operations of a decode step at the shapes of known models, products of weights left out: one row, a
/// context of 512 tokens whose keys and values are not in the caches, activations warm.
/// </summary>
internal static class StepBench
{
    private const int Context = 512, BlockLength = 16;

    public static void Run(CpuBackend backend)
    {
        Model(backend, "stories 15M", 6, 288, 768, 6, 6, 48, 32_000);
        Model(backend, "Qwen2.5-0.5B", 24, 896, 4864, 14, 2, 64, 151_936);
        Model(backend, "Llama-3.2-1B", 16, 2048, 8192, 32, 8, 64, 128_256);
    }

    private static void Model(
        CpuBackend backend, string name, int layers, int hidden, int intermediate, int heads, int kvHeads, int d, int vocabulary)
    {
        Console.WriteLine($"{name}: us of an operation, us of a step of {layers} layers");
        using Tensor x = Data.Uniform(1, hidden), y = Data.Uniform(1, hidden), weight = Data.Uniform(1, hidden);
        using Tensor gate = Data.Uniform(1, intermediate), up = Data.Uniform(1, intermediate);
        using Tensor q = Data.Uniform(1, heads * d), k = Data.Uniform(1, kvHeads * d), attended = Data.Uniform(1, heads * d);
        using Tensor cos = Data.Uniform(Context, d / 2), sin = Data.Uniform(Context, d / 2), logits = Data.Uniform(1, vocabulary);
        int[] position = [Context - 1];
        Print("rms norm", (2 * layers) + 1, () => backend.RmsNorm(x, weight, 1e-6f, y));
        Print("rotary, queries", layers, () => backend.Rotary(q, position, cos, sin, d, RotaryStyle.HalfSplit));
        Print("rotary, keys", layers, () => backend.Rotary(k, position, cos, sin, d, RotaryStyle.HalfSplit));
        Print("residual add", 2 * layers, () => backend.Add(x, y));
        Print("swiglu", layers, () => backend.SwiGlu(gate, up, gate));
        Print("soft cap of the logits", 1, () => backend.SoftCap(logits, 30));
        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16, DType.Q8_0 })
        {
            int sequences = (int)((96L << 20) / KvCache.BlockBytes(1, Context, kvHeads, d, type));
            using KvCache cache = new(1, sequences * Context / BlockLength, BlockLength, kvHeads, d, type);
            int[] blocks = [.. Enumerable.Range(0, cache.BlockCount)];
            new Random(1).Shuffle(blocks);
            for (int block = 0; block < cache.BlockCount; block++)
            {
                backend.WriteKv(k, k, cache, 0, [(block * BlockLength) + BlockLength - 1]);
            }

            AttentionSlice[] slices = new AttentionSlice[1];
            int turn = 0;
            Print($"write keys and values, {type}", layers, () =>
                backend.WriteKv(k, k, cache, 0, [(blocks[turn++ * (Context / BlockLength) % blocks.Length] * BlockLength) + 3]));
            Print($"attention, {type}", layers, () =>
            {
                slices[0] = new(0, 1, Context - 1, blocks.AsMemory(turn++ % sequences * (Context / BlockLength), Context / BlockLength));
                backend.PagedAttention(q, cache, 0, slices, new(0.125f), attended);
            });
        }
    }

    /// <summary>The median of samples of 100 calls.</summary>
    private static void Print(string what, int count, Action action)
    {
        const int Calls = 100;
        List<double> times = [];
        long start = Stopwatch.GetTimestamp();
        while (times.Count < 7 || Stopwatch.GetElapsedTime(start).TotalSeconds < 0.1)
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < Calls; i++)
            {
                action();
            }

            times.Add(Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Calls);
        }

        times.Sort();
        double median = times[times.Count / 2];
        Console.WriteLine($"  {what,-30} {median,7:F2} {median * count,8:F1}");
    }
}
