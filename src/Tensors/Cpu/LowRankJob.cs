using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Low-rank changes with emitted kernels as items of a job, by themselves or behind those of the product that they change. Each worker has some
/// changes of its own, whose memory is fetched while it computes items of the product (<see cref="LowRankFetch"/>); who is ready with them takes others'.
/// </summary>
internal sealed unsafe class LowRankJob
{
    /// <summary>An item takes some microseconds: who yields meanwhile comes back late.</summary>
    private const int SpinsBeforeYield = 1000;

    /// <summary>Counters of workers lie so far from each other, for the sake of the caches.</summary>
    private const int CounterStride = 16;

    private readonly CpuContext _context;
    private readonly LowRankKernels _kernels;
    private readonly LowRankChanges _changes;
    private readonly Tensor _x;
    private readonly Tensor?[] _bias;
    private readonly Tensor[] _y;
    private readonly LowRankFetch?[] _fetches;
    private readonly int[] _claimed;
    private readonly int[] _ends;
    private readonly byte* _narrow;
    private int _finished;
    private bool _failed;

    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="changes">Changes that <see cref="LowRankKernels.Have"/> kernels.</param>
    /// <param name="product">What is changed.</param>
    public LowRankJob(CpuContext context, LowRankKernels kernels, LowRankChanges changes, in LinearProduct product)
        : this(context, kernels, changes, product.X, product.Bias, product.Y)
    {
    }

    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="changes">Changes that <see cref="LowRankKernels.Have"/> kernels.</param>
    /// <param name="x">[T, in].</param>
    /// <param name="bias">By part, or empty.</param>
    /// <param name="y">By part, [T, out], which has the product or will have it when the changes' items begin.</param>
    public LowRankJob(CpuContext context, LowRankKernels kernels, LowRankChanges changes, Tensor x, Tensor?[] bias, Tensor[] y)
    {
        (_context, _kernels, _changes, _x, _bias, _y) = (context, kernels, changes, x, bias, y);
        _narrow = (byte*)context.Narrow.Floats(changes.NarrowBytes / sizeof(float));
        int threads = context.Pool.Threads;
        (_claimed, _ends, _fetches) = (new int[CounterStride * threads], new int[threads], new LowRankFetch?[threads]);
        for (int worker = 0; worker < threads; worker++)
        {
            int first = worker == 0 ? 0 : _ends[worker - 1], last = (int)((long)changes.Tasks.Length * (worker + 1) / threads);
            (_claimed[CounterStride * worker], _ends[worker]) = (first, last);
            _fetches[worker] = first < last ? new LowRankFetch(changes, changes.Tasks[first].Change, changes.Tasks[last - 1].Change + 1) : null;
        }
    }

    /// <summary>Items that it adds to a job.</summary>
    public int Items => _changes.Tasks.Length;

    /// <summary>Runs it alone.</summary>
    public void Run()
    {
        _context.Pool.For(Items, (item, worker) => Run(item, worker, 0, (_, _) => { }));
        GC.KeepAlive(_changes);
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
        LowRankTask task = _changes.Tasks[index];
        LowRankChange change = _changes.All[task.Change];
        LowRankRun run = new(_x, change.Rows, change.Parts, _bias, _y);
        LowRankParts? next = index + 1 < _changes.Tasks.Length ? _changes.All[_changes.Tasks[index + 1].Change].Parts : null;
        ReadOnlySpan<int> rows = change.Rows.AsSpan(task.FirstRow, task.Rows);
        byte* narrow = _narrow + task.Offset;
        NativeBuffer buffer = _context.Scratch[worker];
        if (_changes.Type == DType.BF16)
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
}
