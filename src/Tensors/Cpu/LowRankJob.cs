using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Low-rank changes in BF16 as items of a job, by themselves or together with the product that they change. The first halves (x Aᵀ) lie
/// among the product's items, so that one worker waits for memory while another computes; the second halves come behind all of them.
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
    private readonly List<(int Product, int First, int Count, int Offset)> _tasks = [];
    private readonly int _tasksPerItem;
    private readonly int _items;
    private readonly float* _narrow;
    private int _finished;
    private bool _failed;

    /// <param name="context">Threads and scratch memory.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="products">Changes in BF16.</param>
    public LowRankJob(CpuContext context, LowRankKernels kernels, LowRankProduct[] products)
    {
        (_context, _kernels, _products) = (context, kernels, products);
        int floats = 0;
        for (int i = 0; i < products.Length; i++)
        {
            for (int first = 0; first < products[i].Rows.Length; first += RowsPerTask)
            {
                int count = Math.Min(RowsPerTask, products[i].Rows.Length - first);
                _tasks.Add((i, first, count, floats));
                floats += count * LowRankTiles.Ranks(products[i].W) / 2;
            }
        }

        _narrow = context.Narrow.Floats(floats);
        long bytes = 0;
        foreach ((int product, _, _, _) in _tasks)
        {
            bytes += products[product].W.ByteLength / 2;
        }

        _tasksPerItem = (int)Math.Clamp(ItemBytes * _tasks.Count / Math.Max(1, bytes), 1, Math.Max(1, _tasks.Count / (2 * context.Pool.Threads)));
        _items = (_tasks.Count + _tasksPerItem - 1) / _tasksPerItem;
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
        int last = Math.Min(_tasks.Count, (item + 1) * _tasksPerItem);
        for (int task = item * _tasksPerItem; task < last; task++)
        {
            (int index, int first, int count, int offset) = _tasks[task];
            LowRankWeight? next = task + 1 < last ? _products[_tasks[task + 1].Product].W : null;
            ReadOnlySpan<int> rows = _products[index].Rows.AsSpan(first, count);
            if (up)
            {
                LowRankTiles.Up(_kernels, _context.Scratch[worker], _products[index], rows, (ushort*)(_narrow + offset), next);
            }
            else
            {
                LowRankTiles.Down(_kernels, _context.Scratch[worker], _products[index], rows, (ushort*)(_narrow + offset), next);
            }
        }
    }
}
