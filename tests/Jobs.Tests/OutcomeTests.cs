namespace Inference.Jobs.Tests;

/// <summary>How attempts end, and what people ask of jobs.</summary>
public class OutcomeTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_completed_job_has_its_result_and_completing_it_again_changes_nothing(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();

        Job done = await queue.Store.CompleteAsync(job.Lease, "where");
        Job again = await queue.Store.CompleteAsync(job.Lease, "elsewhere");

        Assert.Equal((JobState.Succeeded, "where"), (done.State, done.Result));
        Assert.NotNull(done.EndedAt);
        Assert.Equal(done, again);
        await Assert.ThrowsAsync<JobStateException>(() => queue.Store.CancelAsync(job.Id));
        await Assert.ThrowsAsync<JobStateException>(() => queue.Store.RetryAsync(job.Id));
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.AppendEventsAsync(job.Lease, [new NewJobEvent("late", "late")]));
        await Assert.ThrowsAsync<JobNotFoundException>(() => queue.Store.CancelAsync(job.Id + 1));
    }

    [Theory]
    [OnSqlite(FailureKind.Infrastructure, JobState.Queued, 0), OnPostgres(FailureKind.Infrastructure, JobState.Queued, 0)]
    [OnSqlite(FailureKind.Transient, JobState.Queued, 1), OnPostgres(FailureKind.Transient, JobState.Queued, 1)]
    [OnSqlite(FailureKind.OutOfMemory, JobState.Queued, 1), OnPostgres(FailureKind.OutOfMemory, JobState.Queued, 1)]
    [OnSqlite(FailureKind.UserError, JobState.Failed, 1), OnPostgres(FailureKind.UserError, JobState.Failed, 1)]
    public async Task A_failure_is_treated_by_its_kind(StoreKind kind, FailureKind failure, JobState state, int fruitless)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();

        Job failed = await queue.Store.FailAsync(job.Lease, new JobFailure(failure, "why"));

        Assert.Equal((state, fruitless), (failed.State, failed.FruitlessAttempts));
        Assert.Equal(new JobFailure(failure, "why"), (await queue.Store.FindAsync(job.Id))!.Failure);
        Assert.Equal(failure == FailureKind.OutOfMemory ? 1 : 0, failed.MemoryReductions);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Three_attempts_without_progress_are_the_end(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, new JobStoreOptions { BackOff = TimeSpan.Zero });
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        List<JobState> states = [];
        for (int i = 0; i < 6; i++)
        {
            job = await queue.Store.ClaimSoonAsync(Requests.Claim());
            if (i < 3)
                await queue.Store.RecordCheckpointAsync(job.Lease, i + 1, $"checkpoint {i + 1}");
            job = await queue.Store.FailAsync(job.Lease, new JobFailure(FailureKind.Transient, "again"));
            states.Add(job.State);
            if (job.State == JobState.Dead)
                break;
        }

        // The third attempt made progress, so it was the first of three.
        Assert.Equal([.. Enumerable.Repeat(JobState.Queued, 4), JobState.Dead], states);
        Job retried = await queue.Store.RetryAsync(job.Id);
        Assert.Equal((JobState.Queued, 0, 3L), (retried.State, retried.FruitlessAttempts, retried.Progress));
        Assert.Null(retried.EndedAt);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Workers_that_die_of_a_job_three_times_leave_it_dead(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        for (int i = 0; i < 3; i++)
            await queue.Store.ClaimSoonAsync(Requests.Claim($"w{i}", lease: TimeSpan.FromMilliseconds(1)));
        await Task.Delay(10);

        Assert.Equal(1, await queue.Store.ReclaimExpiredAsync());
        Assert.Equal(JobState.Dead, (await queue.Store.FindAsync(job.Id))!.State);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_second_lack_of_memory_is_the_last(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job first = await queue.Store.RunningAsync();
        await queue.Store.FailAsync(first.Lease, new JobFailure(FailureKind.OutOfMemory, "8 GB"));
        Job second = await queue.Store.ClaimSoonAsync(Requests.Claim());
        Assert.Equal(1, second.MemoryReductions);

        Job failed = await queue.Store.FailAsync(second.Lease, new JobFailure(FailureKind.OutOfMemory, "4 GB"));

        Assert.Equal(JobState.Failed, failed.State);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_cancel_that_was_accepted_beats_a_later_result(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job queued = await queue.Store.SubmitAsync(Requests.Steps);
        Assert.Equal(JobState.Cancelled, (await queue.Store.CancelAsync(queued.Id)).State);
        Job job = await queue.Store.RunningAsync();

        Job asked = await queue.Store.CancelAsync(job.Id);
        Job ended = await queue.Store.CompleteAsync(job.Lease, "where");

        Assert.Equal((JobState.Running, true), (asked.State, asked.CancelRequested));
        Assert.Equal((JobState.Cancelled, null), (ended.State, ended.Result));
        Assert.Equal(ended, await queue.Store.CancelAsync(job.Id));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_cancelled_job_whose_worker_died_is_cancelled_not_run_again(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync(lease: TimeSpan.FromMilliseconds(1));
        await queue.Store.CancelAsync(job.Id);
        await Task.Delay(10);

        Assert.Null(await queue.Store.ClaimAsync(Requests.Claim("next")));
        Assert.Equal(JobState.Cancelled, (await queue.Store.FindAsync(job.Id))!.State);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_pause_lasts_until_it_is_lifted(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();
        await queue.Store.RecordCheckpointAsync(job.Lease, 2, "here");

        Assert.True((await queue.Store.PauseAsync(job.Id)).PauseRequested);
        Job paused = await queue.Store.ReleaseAsync(job.Lease);
        Assert.Equal((JobState.Paused, false, 0), (paused.State, paused.PauseRequested, paused.FruitlessAttempts));
        Assert.Null(await queue.Store.ClaimAsync(Requests.Claim()));
        await queue.Store.PauseAsync(job.Id);
        await queue.Store.ResumeAsync(job.Id);
        Job resumed = (await queue.Store.ClaimAsync(Requests.Claim()))!;

        Assert.Equal((job.Id, 2L), (resumed.Id, resumed.Progress));
        Assert.Equal("here", Assert.Single(await queue.Store.ListCheckpointsAsync(job.Id)).Location);
        await queue.Store.PauseAsync(job.Id);
        Assert.False((await queue.Store.ResumeAsync(job.Id)).PauseRequested);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_released_job_is_queued_again_at_its_old_place(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();
        await queue.Store.SubmitAsync(Requests.Steps);

        await queue.Store.ReleaseAsync(job.Lease);

        Assert.Equal(job.Id, (await queue.Store.ClaimAsync(Requests.Claim()))!.Id);
    }
}
