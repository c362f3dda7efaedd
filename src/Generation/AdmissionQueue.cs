using System.Diagnostics.CodeAnalysis;

namespace Inference.Generation;

/// <summary>The engine's door: counts who waits, refuses past the limit, closes for draining. Safe from any thread.</summary>
internal sealed class AdmissionQueue(int maxWaiting, int maxRunning, TimeProvider time)
{
    private const int RateSamples = 32;
    private static readonly TimeSpan LeastRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MostRetry = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Queue<ActiveRequest> _arrivals = new();
    private readonly Queue<long> _departures = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _running;
    private int _live;

    /// <summary>Requests that have not ended.</summary>
    public int Live
    {
        get
        {
            lock (_gate)
                return _live;
        }
    }

    /// <summary>Nothing new is taken.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Takes a request on.</summary>
    /// <exception cref="EngineDrainingException">The door is closed.</exception>
    /// <exception cref="QueueFullException">Too many wait.</exception>
    public void Enter(ActiveRequest request)
    {
        lock (_gate)
        {
            if (IsClosed)
                throw new EngineDrainingException();
            if (_waiting >= maxWaiting + Math.Max(0, maxRunning - _running))
                throw new QueueFullException(maxWaiting, RetryAfter());
            _waiting++;
            _live++;
            _arrivals.Enqueue(request);
        }
    }

    /// <summary>The next request that the engine has not seen.</summary>
    public bool TryTake([NotNullWhen(true)] out ActiveRequest? request)
    {
        lock (_gate)
            return _arrivals.TryDequeue(out request);
    }

    /// <summary>Sets how many requests wait, and how many answers run.</summary>
    public void Update(int waiting, int running)
    {
        lock (_gate)
            (_waiting, _running) = (waiting + _arrivals.Count, running);
    }

    /// <summary>A request has ended.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            _live--;
            _departures.Enqueue(time.GetTimestamp());
            if (_departures.Count > RateSamples)
                _departures.Dequeue();
            if (IsClosed && _live == 0)
                _empty.TrySetResult();
        }
    }

    /// <summary>Takes nothing new; the task ends with the last request.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            IsClosed = true;
            if (_live == 0)
                _empty.TrySetResult();
            return _empty.Task;
        }
    }

    /// <summary>Until half of the queue has been served, at the rate of the last departures.</summary>
    private TimeSpan RetryAfter()
    {
        if (_departures.Count < 2)
            return TimeSpan.FromSeconds(1);
        TimeSpan span = time.GetElapsedTime(_departures.Peek());
        TimeSpan retry = span / _departures.Count * (1 + (_waiting / 2));
        return retry < LeastRetry ? LeastRetry : retry > MostRetry ? MostRetry : retry;
    }
}
