namespace Inference.Tensors.Cpu;

/// <summary>What the kernels of one backend share: its threads and their scratch memory.</summary>
internal sealed class CpuContext : IDisposable
{
    public CpuContext(int threads)
    {
        Pool = new WorkerPool(threads);
        Scratch = [.. Enumerable.Range(0, threads).Select(_ => new NativeBuffer())];
    }

    public WorkerPool Pool { get; }

    /// <summary>Scratch memory by worker.</summary>
    public NativeBuffer[] Scratch { get; }

    /// <summary>Scratch memory that all workers read, filled by a job of its own.</summary>
    public NativeBuffer Shared { get; } = new();

    /// <summary>What the first halves of low-rank changes give, for the second.</summary>
    public NativeBuffer Narrow { get; } = new();

    /// <summary>How many rows make a task of about 16K elements.</summary>
    public static int RowsPerTask(int columns) => Math.Max(1, 16384 / Math.Max(1, columns));

    /// <summary>Splits [0, count) into chunks of a fixed size and calls body(first, last) for each.</summary>
    public void Chunks(int count, int chunk, Action<int, int> body) =>
        Pool.For((count + chunk - 1) / chunk, (task, _) => body(task * chunk, Math.Min(count, (task + 1) * chunk)));

    public void Dispose()
    {
        Pool.Dispose();
        Shared.Dispose();
        Narrow.Dispose();
        foreach (NativeBuffer buffer in Scratch)
        {
            buffer.Dispose();
        }
    }
}
