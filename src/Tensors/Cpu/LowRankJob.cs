using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Low-rank changes with emitted kernels as items of a job, by themselves or together with the product that they change. The first halves (x Aᵀ)
/// lie among the product's items, so that one worker waits for memory while another computes; the second halves come behind all of them.
/// </summary>
internal sealed unsafe class LowRankJob
{
    /// <summary>Rows of a task: A and B are read once for so many.</summary>
    private const int RowsPerTask = 12;

    /// <summary>Bytes of adapters in an item: enough for a stream of memory, few enough that nobody waits long for the last one.</summary>
    private const long ItemBytes = 64 * 1024;

    /// <summary>An item takes some microseconds: who yields meanwhile comes back late.</summary>
    private const int SpinsBeforeYield = 1000;

    private readonly CpuContext _context;
    private readonly LowRankKernels _kernels;
    private readonly LowRankRun[] _runs;
    private readonly Task[] _tasks;
    private readonly int _tasksPerItem;
    private readonly int _items;
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
            count += Parts(run.Rows.Length);
        }

        _tasks = new Task[count];
        count = 0;
        long bytes = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            int rowBytes = 0, rows = runs[i].Rows.Length;
            foreach (LowRankWeight? weight in runs[i].Weights.Span)
            {
                if (weight is not null)
                {
                    rowBytes += weight.Type == DType.BF16 ? LowRankTiles.BytesOfRow(weight) : LowRankByteTiles.BytesOfRow(weight);
                    bytes += weight.ByteLength / 2 * Parts(rows);
                }
            }

            for (int row = 0; row < rows; row += RowsPerTask)
            {
                int together = Math.Min(RowsPerTask, rows - row);
                _tasks[count++] = new Task(i, row, together, offset);
                offset += together * rowBytes;
            }
        }

        _narrow = (byte*)context.Narrow.Floats(offset / sizeof(float));
        _tasksPerItem = (int)Math.Clamp(ItemBytes * count / Math.Max(1, bytes), 1, Math.Max(1, count / (2 * context.Pool.Threads)));
        _items = Parts(count, _tasksPerItem);
    }

    /// <summary>Items that it adds to a job: both halves.</summary>
    public int Items => 2 * _items;

    /// <summary>Runs it alone.</summary>
    public void Run()
    {
        _context.Pool.For(Items, (item, worker) => Run(item, worker, 0, (_, _) => { }));
        GC.KeepAlive(_runs);
    }

    /// <summary>Runs an item of the whole job; workers claim items in order.</summary>
    /// <param name="item">Its number.</param>
    /// <param name="worker">Who runs it.</param>
    /// <param name="others">Items of the product.</param>
    /// <param name="body">Runs one of those.</param>
    public void Run(int item, int worker, int others, Action<int, int> body)
    {
        int first = others + _items;
        if (item >= first)
        {
            WaitFor(first);
            Half(item - first, worker, up: true);
            return;
        }

        try
        {
            // Spread evenly, the first of them at the beginning: the last items should be short ones.
            int before = (int)((((long)item * _items) + first - 1) / first), after = (int)((((item + 1L) * _items) + first - 1) / first);
            if (after > before)
            {
                Half(before, worker, up: false);
            }
            else
            {
                body(item - before, worker);
            }
        }
        catch
        {
            Volatile.Write(ref _failed, true);
            throw;
        }

        Interlocked.Increment(ref _finished);
    }

    private static int Parts(int count, int size = RowsPerTask) => (count + size - 1) / size;

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

    private void Half(int item, int worker, bool up)
    {
        NativeBuffer buffer = _context.Scratch[worker];
        int last = Math.Min(_tasks.Length, (item + 1) * _tasksPerItem);
        for (int i = item * _tasksPerItem; i < last; i++)
        {
            Task task = _tasks[i];
            LowRankRun run = _runs[task.Run];
            LowRankWeight? next = i + 1 < last ? _runs[_tasks[i + 1].Run].First : null;
            ReadOnlySpan<int> rows = run.Rows.AsSpan(task.FirstRow, task.Rows);
            byte* narrow = _narrow + task.Offset;
            switch (run.First.Type, up)
            {
                case (DType.BF16, false):
                    LowRankTiles.Down(_kernels.Pairs!, buffer, run, rows, narrow, next);
                    break;
                case (DType.BF16, true):
                    LowRankTiles.Up(_kernels.Pairs!, buffer, run, rows, narrow, next);
                    break;
                case (_, false):
                    LowRankByteTiles.Down(_kernels.Bytes!, buffer, run, rows, narrow, next);
                    break;
                default:
                    LowRankByteTiles.Up(_kernels.Bytes!, buffer, run, rows, narrow, next);
                    break;
            }
        }
    }

    /// <summary>Some rows of a run.</summary>
    private readonly record struct Task(int Run, int FirstRow, int Rows, int Offset);
}
