namespace Inference.Jobs.Stores;

/// <summary>
/// Wakes who waits for a change. Only ever a hint: who waits also polls. Jobs share a fixed number of bells, so that nothing piles up for
/// jobs that nobody asks for any more; some are woken for another's sake.
/// </summary>
internal sealed class ChangeHints
{
    private const int Bells = 64;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource[] _jobs = [.. Enumerable.Range(0, Bells).Select(_ => New())];
    private readonly TaskCompletionSource[] _requests = [.. Enumerable.Range(0, Bells).Select(_ => New())];
    private readonly TaskCompletionSource[] _work = [New()];

    public Task NextWork() => Next(_work, 0);

    public Task NextJob(long id) => Next(_jobs, id);

    public Task NextRequest(long id) => Next(_requests, id);

    /// <summary>A job has changed.</summary>
    public void Pulse(JobHint hint)
    {
        Ring(_jobs, hint.JobId);
        if (hint.Kind == HintKind.Request)
            Ring(_requests, hint.JobId);
        if (hint.Kind == HintKind.Work)
            Ring(_work, 0);
    }

    /// <summary>Anything may have changed.</summary>
    public void PulseAll()
    {
        for (int i = 0; i < Bells; i++)
        {
            Ring(_jobs, i);
            Ring(_requests, i);
        }

        Ring(_work, 0);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Next(TaskCompletionSource[] bells, long id)
    {
        lock (_gate)
            return bells[(int)(id % bells.Length)].Task;
    }

    private void Ring(TaskCompletionSource[] bells, long id)
    {
        lock (_gate)
        {
            ref TaskCompletionSource bell = ref bells[(int)(id % bells.Length)];
            bell.SetResult();
            bell = New();
        }
    }
}
