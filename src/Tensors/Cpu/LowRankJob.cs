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

    private readonly CpuContext _context;
    private readonly LowRankKernels _kernels;
    private readonly LowRankProduct[] _products;
    private readonly Task[] _tasks;
    private readonly int _tasksPerItem;
    private readonly int _items;
    private readonly byte* _narrow;
    private int _finished;
    private bool _failed;

    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="products">Changes that <see cref="LowRankKernels.Have"/> kernels.</param>
    public LowRankJob(CpuContext context, LowRankKernels kernels, LowRankProduct[] products)
    {
        (_context, _kernels, _products) = (context, kernels, products);
        int count = 0, offset = 0;
        for (int first = 0, last; first < products.Length; first = last)
        {
            last = RunEnd(first);
            count += Parts(products[first].Rows.Length);
        }

        _tasks = new Task[count];
        count = 0;
        long bytes = 0;
        for (int first = 0, last; first < products.Length; first = last)
        {
            last = RunEnd(first);
            int rowBytes = 0, rows = products[first].Rows.Length;
            for (int i = first; i < last; i++)
            {
                rowBytes += products[i].W.Type == DType.BF16 ? LowRankTiles.BytesOfRow(products[i].W) : LowRankByteTiles.BytesOfRow(products[i].W);
                bytes += products[i].W.ByteLength / 2 * Parts(rows);
            }

            for (int row = 0; row < rows; row += RowsPerTask)
            {
                int together = Math.Min(RowsPerTask, rows - row);
                _tasks[count++] = new Task(first, last - first, row, together, offset);
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
        GC.KeepAlive(_products);
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
            int before = (int)((long)item * _items / first), after = (int)((item + 1L) * _items / first);
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

    /// <summary>Behind the last of the changes of the same rows of the same x, whose rounding is done once.</summary>
    private int RunEnd(int first)
    {
        int last = first + 1;
        while (last < _products.Length && _products[last].Rows == _products[first].Rows && _products[last].X == _products[first].X
            && _products[last].W.Type == _products[first].W.Type)
        {
            last++;
        }

        return last;
    }

    /// <summary>Waits for items that others have begun: nothing that is claimed later is waited for.</summary>
    private void WaitFor(int items)
    {
        SpinWait wait = default;
        while (Volatile.Read(ref _finished) < items && !Volatile.Read(ref _failed))
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Half(int item, int worker, bool up)
    {
        NativeBuffer buffer = _context.Scratch[worker];
        int last = Math.Min(_tasks.Length, (item + 1) * _tasksPerItem);
        for (int i = item * _tasksPerItem; i < last; i++)
        {
            Task task = _tasks[i];
            LowRankWeight? next = i + 1 < last ? _products[_tasks[i + 1].First].W : null;
            ReadOnlySpan<LowRankProduct> products = _products.AsSpan(task.First, task.Count);
            ReadOnlySpan<int> rows = products[0].Rows.AsSpan(task.FirstRow, task.Rows);
            byte* narrow = _narrow + task.Offset;
            switch (products[0].W.Type, up)
            {
                case (DType.BF16, false):
                    LowRankTiles.Down(_kernels.Pairs!, buffer, products, rows, narrow, next);
                    break;
                case (DType.BF16, true):
                    LowRankTiles.Up(_kernels.Pairs!, buffer, products, rows, narrow, next);
                    break;
                case (_, false):
                    LowRankByteTiles.Down(_kernels.Bytes!, buffer, products, rows, narrow, next);
                    break;
                default:
                    LowRankByteTiles.Up(_kernels.Bytes!, buffer, products, rows, narrow, next);
                    break;
            }
        }
    }

    /// <summary>Some rows of changes one behind the other.</summary>
    private readonly record struct Task(int First, int Count, int FirstRow, int Rows, int Offset);
}
