using System.Runtime.ExceptionServices;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Runs the items of a job on the calling thread and on persistent workers, which claim items one by one, so that a
/// worker that lost its core delays nobody. The caller works too and waits only for items that a worker has begun;
/// a job is complete when all its items are, whether or not a worker ever came. Workers spin briefly after a job and
/// then park. No lock is taken while workers spin.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private const int SpinsBeforePark = 2000;

    private readonly Worker[] _workers;
    private volatile Job? _job;
    private volatile bool _stopping;

    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _workers = new Worker[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Worker(i + 1);
            int index = i;
            Thread thread = new(() => Serve(_workers[index])) { IsBackground = true, Name = $"tensors-{i + 1}" };
            _workers[i].Thread = thread;
            thread.Start();
        }
    }

    /// <summary>Threads that work on a job, the caller included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Calls body(item, worker) for each item in [0, count), worker in [0, Threads) being exclusive to its thread.
    /// An exception in an item is thrown here, after the job has ended; items not yet begun are then left out.
    /// </summary>
    public void For(int count, Action<int, int> body)
    {
        if (_workers.Length == 0 || count <= 1)
        {
            for (int i = 0; i < count; i++)
            {
                body(i, 0);
            }

            GC.KeepAlive(body);
            return;
        }

        Job job = new(count, body);
        _job = job;
        Interlocked.MemoryBarrier();
        foreach (Worker worker in _workers)
        {
            worker.Unpark();
        }

        job.Run(0);
        SpinWait wait = default;
        while (!job.IsComplete)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        _job = null;
        job.Error?.Throw();
        GC.KeepAlive(body);
    }

    public void Dispose()
    {
        _stopping = true;
        Interlocked.MemoryBarrier();
        foreach (Worker worker in _workers)
        {
            worker.Unpark();
        }

        foreach (Worker worker in _workers)
        {
            worker.Thread?.Join();
            worker.Dispose();
        }
    }

    private void Serve(Worker worker)
    {
        Job? last = null;
        int spins = 0;
        while (!_stopping)
        {
            Job? job = _job;
            if (job is not null && job != last)
            {
                job.Run(worker.Index);
                last = job;
                spins = 0;
            }
            else if (++spins < SpinsBeforePark)
            {
                Thread.SpinWait(8);
            }
            else
            {
                worker.Park(() => _stopping || (_job is { } next && next != last));
                spins = 0;
            }
        }
    }

    private sealed class Job(int count, Action<int, int> body)
    {
        private int _next;
        private int _finished;
        private ExceptionDispatchInfo? _error;

        public bool IsComplete => Volatile.Read(ref _finished) == count;

        public ExceptionDispatchInfo? Error => _error;

        public void Run(int worker)
        {
            int item;
            while ((item = Interlocked.Increment(ref _next) - 1) < count)
            {
                try
                {
                    if (Volatile.Read(ref _error) is null)
                    {
                        body(item, worker);
                    }
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(exception), null);
                }

                Interlocked.Increment(ref _finished);
            }
        }
    }

    private sealed class Worker(int index) : IDisposable
    {
        private readonly AutoResetEvent _wake = new(false);
        private int _parked;

        public int Index { get; } = index;

        public Thread? Thread { get; set; }

        /// <summary>
        /// Waits to be woken, unless there is work. The flag is set before the last look for work, and the caller sets
        /// the work before it looks at the flag: one of the two always sees the other.
        /// </summary>
        public void Park(Func<bool> hasWork)
        {
            Interlocked.Exchange(ref _parked, 1);
            if (hasWork() && Interlocked.Exchange(ref _parked, 0) == 1)
            {
                return;
            }

            _wake.WaitOne();
        }

        public void Unpark()
        {
            if (Volatile.Read(ref _parked) == 1 && Interlocked.Exchange(ref _parked, 0) == 1)
            {
                _wake.Set();
            }
        }

        public void Dispose() => _wake.Dispose();
    }
}
