namespace Inference.Jobs.Stores;

/// <summary>Wakes who waits for a change. Only ever a hint: who waits also polls.</summary>
internal sealed class ChangeHints
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, TaskCompletionSource> _jobs = [];
    private readonly Dictionary<long, TaskCompletionSource> _requests = [];
    private TaskCompletionSource _work = New();

    public Task NextWork()
    {
        lock (_gate)
            return _work.Task;
    }

    public Task NextJob(long id) => Next(_jobs, id);

    public Task NextRequest(long id) => Next(_requests, id);

    /// <summary>A job has changed.</summary>
    public void Pulse(JobHint hint)
    {
        lock (_gate)
        {
            if (_jobs.Remove(hint.JobId, out TaskCompletionSource? watcher))
                watcher.SetResult();

            // Its state has changed: nobody is asked any more, and the entry goes.
            if (hint.Kind != HintKind.Event && _requests.Remove(hint.JobId, out TaskCompletionSource? holder))
                holder.SetResult();
            if (hint.Kind == HintKind.Work)
                PulseWork();
        }
    }

    /// <summary>Anything may have changed.</summary>
    public void PulseAll()
    {
        lock (_gate)
        {
            foreach (TaskCompletionSource source in _jobs.Values.Concat(_requests.Values))
                source.SetResult();
            _jobs.Clear();
            _requests.Clear();
            PulseWork();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Next(Dictionary<long, TaskCompletionSource> sources, long id)
    {
        lock (_gate)
        {
            if (!sources.TryGetValue(id, out TaskCompletionSource? source))
                sources[id] = source = New();
            return source.Task;
        }
    }

    private void PulseWork()
    {
        _work.SetResult();
        _work = New();
    }
}
