namespace Inference.Tensors.Cpu;

/// <summary>
/// Runs the operations of a decoder once on zeros, for a prompt and for a single token, so that their code is there before the first
/// request needs it: kernels with the widest vectors are compiled at run time. For a thread that has nothing else to do while a process starts.
/// </summary>
public static class CpuWarmUp
{
    private const int Width = 128, HeadDimension = 64, Tokens = 16, BlockLength = 16;

    /// <summary>Runs them with the widest vectors of this processor; takes some tens of milliseconds, once a process.</summary>
    /// <param name="weights">Format of the weights, with blocks of at most 128.</param>
    /// <param name="cacheType">Format of the KV cache.</param>
    public static void Run(DType weights, DType cacheType)
    {
        using CpuBackend backend = new(threads: 1);
        using Tensor table = Tensor.Allocate(Width, Width, weights);
        using PreparedWeight weight = backend.Prepare(table);
        using HostKvCache cache = new(layerCount: 1, blockCount: 1, BlockLength, kvHeadCount: 1, HeadDimension, cacheType);
        foreach (int rows in (int[])[Tokens, 1])
        {
            Decode(backend, table, weight, cache, rows);
        }
    }

    private static void Decode(CpuBackend backend, Tensor table, PreparedWeight weight, HostKvCache cache, int rows)
    {
        using Tensor x = Tensor.Allocate(rows, Width), y = Tensor.Allocate(rows, Width), norm = Tensor.Allocate(1, Width);
        using Tensor keys = Tensor.Allocate(rows, HeadDimension), angles = Tensor.Allocate(Tokens, HeadDimension / 2);
        int first = Tokens - rows;
        int[] positions = [.. Enumerable.Range(first, rows)], zeros = new int[rows];
        backend.Embedding(table, zeros, x);
        backend.RmsNorm(x, norm, 1e-5f, y);
        backend.Linear(y, weight, [], [x]);
        backend.Rotary(x, positions, angles, angles, HeadDimension, RotaryStyle.Interleaved);
        backend.Rotary(x, positions, angles, angles, HeadDimension, RotaryStyle.HalfSplit);
        backend.WriteKv(keys, keys, cache, 0, positions);
        backend.PagedAttention(x, cache, 0, [new AttentionSlice(0, rows, first, new int[1])], new AttentionOptions(Scale: 1), y);
        backend.SwiGlu(y, x, y);
        backend.Add(x, y);
    }
}
