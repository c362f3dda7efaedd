namespace Inference.Jobs;

/// <summary>
/// A claimed job in the hands of a worker. A thread of its own extends the lease. The worker fences itself by a monotonic clock:
/// it holds the lease until <see cref="LeaseOptions.Margin"/> before the end that the last successful heartbeat was sure to set,
/// reckoned from the moment before it was sent, so that no clock need agree with the database's.
/// </summary>
public sealed class JobLease : IAsyncDisposable
{
    private readonly IJobStore _store;
    private readonly LeaseOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _gate = new();
    private readonly ITimer _fence;
    private long _extendedAt;
    private LeaseEnd _end;
    private volatile bool _isEnding;
    private volatile bool _isDone;

    /// <summary>Starts to keep a lease.</summary>
    /// <param name="store">Where it was claimed.</param>
    /// <param name="job">The job as claimed.</param>
    /// <param name="claimedAt">The clock's timestamp before the claim was sent.</param>
    /// <param name="options">The duration must be the claim's.</param>
    /// <param name="time">The monotonic clock; its wall clock is not used.</param>
    public JobLease(IJobStore store, Job job, long claimedAt, LeaseOptions options, TimeProvider time)
    {
        options.Check();
        (_store, Job, _extendedAt, _options, _time) = (store, job, claimedAt, options, time);
        Stopping = _stopping.Token;
        _fence = time.CreateTimer(_ => FenceLater(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        FenceLater();
        new Thread(Beat) { IsBackground = true, Name = $"lease of job {job.Id}" }.Start();
    }

    /// <summary>The job as claimed.</summary>
    public Job Job { get; }

    /// <summary>The right to write.</summary>
    public LeaseId Id => Job.Lease;

    /// <summary>Fires when the worker is to stop; <see cref="End"/> says why.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Why the worker is to stop. The gravest reason so far.</summary>
    public LeaseEnd End
    {
        get
        {
            Fence();
            lock (_gate)
                return _end;
        }
    }

    /// <summary>Until the worker has to stop by itself; zero or less when it should have.</summary>
    public TimeSpan Left => _options.Duration - _options.Margin - _time.GetElapsedTime(Interlocked.Read(ref _extendedAt));

    /// <summary>Why the last heartbeat failed, or null if it did not.</summary>
    public Exception? HeartbeatError { get; private set; }

    /// <summary>Asks for a stop: <see cref="LeaseEnd.Shutdown"/>. The lease is kept meanwhile.</summary>
    public void Shutdown() => Finish(LeaseEnd.Shutdown);

    /// <inheritdoc cref="IJobStore.AppendEventsAsync"/>
    public Task AppendEventsAsync(params IReadOnlyList<NewJobEvent> events) => HeldAsync(() => _store.AppendEventsAsync(Id, events));

    /// <inheritdoc cref="IJobStore.UpsertMetricsAsync"/>
    public Task UpsertMetricsAsync(params IReadOnlyList<JobMetric> metrics) => HeldAsync(() => _store.UpsertMetricsAsync(Id, metrics));

    /// <inheritdoc cref="IJobStore.RecordCheckpointAsync"/>
    public Task RecordCheckpointAsync(long step, string location, string data = "{}") =>
        HeldAsync(() => _store.RecordCheckpointAsync(Id, step, location, data));

    /// <inheritdoc cref="IJobStore.DeleteCheckpointAsync"/>
    public Task DeleteCheckpointAsync(long step) => HeldAsync(() => _store.DeleteCheckpointAsync(Id, step));

    /// <summary>The job's checkpoints, oldest first: the last is where to go on.</summary>
    public Task<IReadOnlyList<JobCheckpoint>> ListCheckpointsAsync() => _store.ListCheckpointsAsync(Id.JobId);

    /// <inheritdoc cref="IJobStore.CompleteAsync"/>
    public Task<Job> CompleteAsync(string result) => LastAsync(() => _store.CompleteAsync(Id, result));

    /// <inheritdoc cref="IJobStore.FailAsync"/>
    public Task<Job> FailAsync(JobFailure failure) => LastAsync(() => _store.FailAsync(Id, failure));

    /// <inheritdoc cref="IJobStore.ReleaseAsync"/>
    public Task<Job> ReleaseAsync() => LastAsync(() => _store.ReleaseAsync(Id));

    /// <summary>Ends the heartbeats. A job that was not ended before is taken back once its lease expires.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDone = true;
        _wake.Release();
        await _fence.DisposeAsync();
        await _ended.Task;
    }

    private async Task HeldAsync(Func<Task> write)
    {
        ThrowIfLost();
        await LoseAsync(write);
    }

    private async Task<Job> LastAsync(Func<Task<Job>> write)
    {
        ThrowIfLost();
        _isEnding = true;
        try
        {
            Job? job = null;
            await LoseAsync(async () => job = await write());
            _isDone = true;
            _wake.Release();
            return job!;
        }
        finally
        {
            _isEnding = false;
        }
    }

    private async Task LoseAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (LeaseLostException)
        {
            Finish(LeaseEnd.Lost);
            throw;
        }
    }

    private void ThrowIfLost()
    {
        if (End == LeaseEnd.Lost)
            throw new LeaseLostException(Id);
    }

    /// <summary>Judges the lease by the clock alone.</summary>
    private void Fence()
    {
        if (!_isDone && Left <= TimeSpan.Zero)
            Finish(LeaseEnd.Lost);
    }

    /// <summary>The same, again and again: a thread that hangs in a heartbeat cannot hold the fence up.</summary>
    private void FenceLater()
    {
        Fence();
        TimeSpan left = Left;
        if (left > TimeSpan.Zero)
            _fence.Change(left, Timeout.InfiniteTimeSpan);
    }

    private void Finish(LeaseEnd end)
    {
        lock (_gate)
        {
            if (end <= _end)
                return;
            _end = end;
        }

        // Elsewhere, so that whatever listens to the token cannot delay a heartbeat.
        _ = _stopping.CancelAsync();
    }

    private void Beat()
    {
        Task hint = Task.CompletedTask;
        while (!_isDone && End != LeaseEnd.Lost)
        {
            if (hint.IsCompleted)
            {
                hint = _store.NextRequestHint(Id.JobId);
                hint.ContinueWith(_ => _wake.Release(), TaskScheduler.Default);
            }

            TimeSpan left = Left, pause = HeartbeatError is null ? _options.Heartbeat : _options.Heartbeat / 10;
            _wake.Wait(left < TimeSpan.Zero ? TimeSpan.Zero : left < pause ? left : pause);
            if (!_isDone && End != LeaseEnd.Lost)
                BeatOnce();
        }

        _ended.SetResult();
    }

    private void BeatOnce()
    {
        long sentAt = _time.GetTimestamp();
        try
        {
            HeartbeatReply reply = _store.Heartbeat(Id, _options.Duration);
            HeartbeatError = null;
            if (_isDone)
                return;
            if (reply.Held)
                Interlocked.Exchange(ref _extendedAt, sentAt);
            else if (!_isEnding) // else it may be our own write that ended it, whose answer is on its way
                Finish(LeaseEnd.Lost);
            if (reply.CancelRequested)
                Finish(LeaseEnd.CancelRequested);
            else if (reply.PauseRequested)
                Finish(LeaseEnd.PauseRequested);
        }
        catch (Exception e)
        {
            // Whatever it is: the next heartbeat tries again, until the fence falls.
            HeartbeatError = e;
        }
    }
}
