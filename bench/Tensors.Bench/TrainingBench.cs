using Inference.Tensors.Cpu;

namespace Inference.Tensors.Bench;

/// <summary>The operations of a training step of a small Llama (width 256, 8 heads of 32, 2,048 tokens).</summary>
internal static class TrainingBench
{
    private const int Tokens = 2048;

    public static void Run(CpuBackend backend, MachinePeaks peaks)
    {
        foreach ((int columns, int rows) in new[] { (256, 256), (256, 704), (704, 256), (256, 4096) })
        {
            Products(backend, peaks, columns, rows);
        }

        Attention(backend, 256);
        Attention(backend, 512);
        Small(backend);
    }

    private static void Products(CpuBackend backend, MachinePeaks peaks, int columns, int outputs)
    {
        using Tensor x = Data.Uniform(Tokens, columns), w = Data.Uniform(outputs, columns), y = Data.Uniform(Tokens, outputs);
        using Tensor dx = Data.Uniform(Tokens, columns), dw = Data.Uniform(outputs, columns);
        double flops = 2.0 * Tokens * columns * outputs;
        Print($"linear {columns} -> {outputs}", () => backend.Linear(x, w, null, y), flops, peaks);
        Print($"  gradient of input", () => backend.LinearBackwardInput(y, w, dx), flops, peaks);
        Print($"  gradient of weight", () => backend.LinearBackwardWeight(x, y, dw, null), flops, peaks);
    }

    private static void Attention(CpuBackend backend, int length)
    {
        using Tensor q = Data.Uniform(Tokens, 256), k = Data.Uniform(Tokens, 256), v = Data.Uniform(Tokens, 256), y = Data.Uniform(Tokens, 256);
        using Tensor sums = Data.Uniform(Tokens, 8), dy = Data.Uniform(Tokens, 256), dq = Data.Uniform(Tokens, 256);
        using Tensor dk = Data.Uniform(Tokens, 256), dv = Data.Uniform(Tokens, 256);
        int[] starts = [.. Enumerable.Range(0, (Tokens / length) + 1).Select(i => i * length)];
        Print($"attention, sequences of {length}", () => backend.CausalAttention(q, k, v, starts, 32, 0.18f, y, sums));
        Print($"  backward", () => backend.CausalAttentionBackward(q, k, v, y, sums, dy, starts, 32, 0.18f, dq, dk, dv));
    }

    private static void Small(CpuBackend backend)
    {
        using Tensor x = Data.Uniform(Tokens, 256), y = Data.Uniform(Tokens, 256), weight = Data.Uniform(1, 256), dweight = Data.Uniform(1, 256);
        using Tensor gate = Data.Uniform(Tokens, 704), up = Data.Uniform(Tokens, 704), h = Data.Uniform(Tokens, 704);
        using Tensor dgate = Data.Uniform(Tokens, 704), dup = Data.Uniform(Tokens, 704), logits = Data.Uniform(Tokens, 4096);
        using Tensor p = Data.Uniform(4096, 256), g = Data.Uniform(4096, 256), m = Data.Uniform(4096, 256), s = Tensor.Allocate(4096, 256);
        using Tensor cos = Data.Uniform(512, 16), sin = Data.Uniform(512, 16), dx = Data.Uniform(Tokens, 256);
        int[] positions = [.. Enumerable.Range(0, Tokens).Select(i => i % 512)];
        float[] weights = [.. Enumerable.Repeat(1f, Tokens)];
        double[] losses = new double[Tokens];
        Print("rms norm 256", () => backend.RmsNorm(x, weight, 1e-5f, y));
        Print("  backward", () => backend.RmsNormBackward(x, weight, 1e-5f, y, dx, dweight));
        Print("swiglu 704", () => backend.SwiGlu(gate, up, h));
        Print("  backward", () => backend.SwiGluBackward(gate, up, h, dgate, dup));
        Print("rotary 8 x 32", () => backend.Rotary(x, positions, cos, sin, 32, RotaryStyle.HalfSplit));
        Print("add 256", () => backend.Add(x, y));
        Print("embedding backward 256", () => backend.EmbeddingBackward(positions, x, p));
        Print("cross-entropy 4096", () => backend.CrossEntropy(logits, positions, weights, 1, losses));
        Print("adamw, 1M parameters", () => backend.AdamW(p, g, m, s, 1, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 10));
        Print("sum of squares, 1M", () => backend.SumOfSquares(g));
    }

    private static void Print(string what, Action action)
    {
        Sampling time = Sampling.Of(action);
        Console.WriteLine($"{what,-32} {time.Median * 1e6,10:F0} us (best {time.Best * 1e6:F0})");
    }

    private static void Print(string what, Action action, double flops, MachinePeaks peaks)
    {
        Sampling time = Sampling.Of(action);
        Console.WriteLine(
            $"{what,-32} {time.Median * 1e6,10:F0} us {flops / time.Median / 1e9,7:F1} GFLOP/s {flops / time.Median / peaks.Flops,5:P0} (best {flops / time.Best / peaks.Flops:P0})");
    }
}
