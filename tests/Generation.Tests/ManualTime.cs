namespace Inference.Generation.Tests;

/// <summary>A clock that moves when told to.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(callback, state, dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _now + dueTime.Ticks);
        lock (_timers)
            _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan span)
    {
        Interlocked.Add(ref _now, span.Ticks);
        ManualTimer[] due;
        lock (_timers)
        {
            due = [.. _timers.Where(t => t.Due <= _now)];
            _timers.RemoveAll(t => due.Contains(t));
        }

        foreach (ManualTimer timer in due)
            timer.Fire();
    }

    private sealed class ManualTimer(TimerCallback callback, object? state, long due) : ITimer
    {
        private bool _disposed;

        public long Due { get; private set; } = due;

        public void Fire()
        {
            if (!_disposed)
                callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : throw new NotSupportedException("only stopping");
            return true;
        }

        public void Dispose() => _disposed = true;

        public ValueTask DisposeAsync()
        {
            _disposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
