namespace Inference.Jobs;

/// <summary>The one table of allowed transitions. Requests to cancel or pause a running job are flags, not states.</summary>
public static class JobStateMachine
{
    private static readonly Dictionary<JobState, JobState[]> Transitions = new()
    {
        [JobState.Validating] = [JobState.Queued, JobState.Failed, JobState.Cancelled],
        [JobState.Queued] = [JobState.Running, JobState.Paused, JobState.Cancelled],
        [JobState.Running] =
            [JobState.Queued, JobState.Paused, JobState.Succeeded, JobState.Failed, JobState.Cancelled, JobState.Dead],
        [JobState.Paused] = [JobState.Queued, JobState.Cancelled],
        [JobState.Succeeded] = [],

        // Only by an explicit Retry.
        [JobState.Failed] = [JobState.Queued],
        [JobState.Cancelled] = [JobState.Queued],
        [JobState.Dead] = [JobState.Queued],
    };

    /// <summary>Whether a job may go from one state to another.</summary>
    public static bool Allows(JobState from, JobState to) => Transitions[from].Contains(to);

    /// <summary>Whether a job in this state has ended: it stays there unless somebody retries it.</summary>
    public static bool IsTerminal(this JobState state) =>
        state is JobState.Succeeded or JobState.Failed or JobState.Cancelled or JobState.Dead;
}
