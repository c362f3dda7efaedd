using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Low-rank changes with emitted kernels as items of a job, by themselves or behind those of the product that they change. Each worker has some
/// changes of its own, whose memory is fetched while it computes items of the product (<see cref="LowRankFetch"/>); who is ready with them takes others'.
/// </summary>
internal sealed unsafe class LowRankJob
{
    /// <summary>Rows of a task: A and B are read once for so many.</summary>
    private const int RowsPerTask = 12;

    /// <summary>An item takes some microseconds: who yields meanwhile comes back late.</summary>
    private const int SpinsBeforeYield = 1000;

    /// <summary>Counters of workers lie so far from each other, for the sake of the caches.</summary>
    private const int CounterStride = 16;

    private readonly CpuContext _context;
    private readonly LowRankKernels _kernels;
    private readonly LowRankRun[] _runs;
    private readonly Task[] _tasks;
    private readonly LowRankFetch?[] _fetches;
    private readonly int[] _claimed;
    private readonly int[] _ends;
    private readonly byte* _narrow;
    private int _finished;
    private bool _failed;

    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="runs">Changes that <see cref="LowRankKernels.Have"/> kernels.</param>
    public LowRankJob(CpuContext context, LowRankKernels kernels, LowRankRun[] runs)
    {
        (_context, _kernels, _runs) = (context, kernels, runs);
        int count = 0, offset = 0;
        foreach (LowRankRun run in runs)
        {
            count += (run.Rows.Length + RowsPerTask - 1) / RowsPerTask;
        }

        _tasks = new Task[count];
        count = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            int rowBytes = 0, rows = runs[i].Rows.Length;
            foreach (LowRankWeight? weight in runs[i].Parts.Weights)
            {
                rowBytes += weight?.NarrowBytes ?? 0;
            }

            for (int row = 0; row < rows; row += RowsPerTask)
            {
                int together = Math.Min(RowsPerTask, rows - row);
                _tasks[count++] = new Task(i, row, together, offset);
                offset += together * rowBytes;
            }
        }

        _narrow = (byte*)context.Narrow.Floats(offset / sizeof(float));
        _claimed = new int[CounterStride * context.Pool.Threads];
        _ends = new int[context.Pool.Threads];
        _fetches = new LowRankFetch?[context.Pool.Threads];
        for (int worker = 0; worker < _fetches.Length; worker++)
        {
            int first = worker == 0 ? 0 : _ends[worker - 1], last = (int)((long)count * (worker + 1) / _ends.Length);
            (_claimed[CounterStride * worker], _ends[worker]) = (first, last);
            _fetches[worker] = first < last ? new LowRankFetch(runs, _tasks[first].Run, _tasks[last - 1].Run + 1) : null;
        }
    }

    /// <summary>Items that it adds to a job.</summary>
    public int Items => _tasks.Length;

    /// <summary>Runs it alone.</summary>
    public void Run()
    {
        _context.Pool.For(Items, (item, worker) => Run(item, worker, 0, (_, _) => { }));
        GC.KeepAlive(_runs);
    }

    /// <summary>What a worker fetches while it computes the product, or null.</summary>
    public LowRankFetch? Fetched(int worker) => _fetches[worker];

    /// <summary>Runs an item of the whole job; workers claim items in order.</summary>
    /// <param name="item">Its number.</param>
    /// <param name="worker">Who runs it.</param>
    /// <param name="others">Items of the product.</param>
    /// <param name="body">Runs one of those.</param>
    public void Run(int item, int worker, int others, Action<int, int> body)
    {
        if (item >= others)
        {
            WaitFor(others);
            Run(Claim(worker), worker);
            return;
        }

        try
        {
            body(item, worker);
        }
        catch
        {
            Volatile.Write(ref _failed, true);
            throw;
        }

        Interlocked.Increment(ref _finished);
    }

    /// <summary>Waits for items that others have begun: nothing that is claimed later is waited for.</summary>
    private void WaitFor(int items)
    {
        SpinWait wait = default;
        for (int spins = 0; Volatile.Read(ref _finished) < items && !Volatile.Read(ref _failed); spins++)
        {
            if (spins < SpinsBeforeYield)
            {
                Thread.SpinWait(4);
            }
            else
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    /// <summary>A task that nobody has: the worker's own, then others'. There are as many items as tasks.</summary>
    private int Claim(int worker)
    {
        for (int i = worker; ; i = i + 1 < _ends.Length ? i + 1 : 0)
        {
            ref int claimed = ref _claimed[CounterStride * i];
            if (Volatile.Read(ref claimed) < _ends[i] && Interlocked.Increment(ref claimed) is var next && next <= _ends[i])
            {
                return next - 1;
            }
        }
    }

    private void Run(int index, int worker)
    {
        Task task = _tasks[index];
        LowRankRun run = _runs[task.Run];
        LowRankParts? next = index + 1 < _tasks.Length ? _runs[_tasks[index + 1].Run].Parts : null;
        ReadOnlySpan<int> rows = run.Rows.AsSpan(task.FirstRow, task.Rows);
        byte* narrow = _narrow + task.Offset;
        NativeBuffer buffer = _context.Scratch[worker];
        if (run.Parts.Type == DType.BF16)
        {
            LowRankTiles.Down(_kernels.Pairs!, buffer, run, rows, narrow);
            LowRankTiles.Up(_kernels.Pairs!, buffer, run, rows, narrow, next);
        }
        else
        {
            LowRankByteTiles.Down(_kernels.Bytes!, buffer, run, rows, narrow);
            LowRankByteTiles.Up(_kernels.Bytes!, buffer, run, rows, narrow, next);
        }
    }

    /// <summary>Some rows of a run.</summary>
    private readonly record struct Task(int Run, int FirstRow, int Rows, int Offset);
}
