using Inference.Jobs.TestWorker;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Inference.Jobs.Tests;

/// <summary>The database, or the way to it, fails.</summary>
public class OutageTests
{
    [PostgresFact]
    public async Task A_lost_commit_answer_leads_to_no_second_effect()
    {
        PostgresServer server = await PostgresServer.SharedAsync();
        await using CommitProxy proxy = new(server.Port);
        await using TestQueue queue = await TestQueue.CreateAsync(StoreKind.Postgres);
        string database = new NpgsqlConnectionStringBuilder(queue.Connection).Database!;
        IJobStore store = await queue.OpenAsync(connection: PostgresServer.ConnectionString(database, proxy.Port));

        Job job = await LoseAsync(() => store.SubmitAsync(Requests.Steps));
        Job claimed = (await LoseAsync(() => store.ClaimAsync(Requests.Claim())))!;
        Assert.Equal((job.Id, 1L, 1), (claimed.Id, claimed.Epoch, claimed.Attempt));
        await LoseAsync(() => Done(store.AppendEventsAsync(claimed.Lease, [new NewJobEvent("a", "a"), new NewJobEvent("b", "b")])));
        await LoseAsync(() => Done(store.UpsertMetricsAsync(claimed.Lease, [new JobMetric("loss", 1, 2)])));
        await LoseAsync(() => Done(store.RecordCheckpointAsync(claimed.Lease, 1, "there")));
        Assert.True((await LoseAsync(() => store.PauseAsync(job.Id))).PauseRequested);
        Assert.False((await LoseAsync(() => store.ResumeAsync(job.Id))).PauseRequested);
        Job done = await LoseAsync(() => store.CompleteAsync(claimed.Lease, "result"));
        Job other = await store.RunningAsync();
        await LoseAsync(() => store.FailAsync(other.Lease, new JobFailure(FailureKind.UserError, "why")));
        Job retried = await LoseAsync(() => store.RetryAsync(other.Id));
        Job cancelled = await LoseAsync(() => store.CancelAsync(other.Id));
        Job released = await store.RunningAsync();
        await LoseAsync(() => store.ReleaseAsync(released.Lease));
        Job valid = await store.SubmitAsync(Requests.Steps with { NeedsValidation = true });
        Job faulty = await store.SubmitAsync(Requests.Steps with { NeedsValidation = true });
        await LoseAsync(() => store.AcceptAsync(valid.Id));
        await LoseAsync(() => store.RejectAsync(faulty.Id, "why"));
        await LoseAsync(() => store.SaveScheduleAsync(new NewJobSchedule("nightly", "0 3 * * *", Requests.Steps)));
        await queue.ExecuteAsync("UPDATE job_schedules SET next_due = 0");
        await LoseAsync(() => store.SubmitDueSchedulesAsync());

        Assert.Equal((JobState.Succeeded, "result"), (done.State, done.Result));
        Assert.Equal((JobState.Queued, JobState.Cancelled), (retried.State, cancelled.State));
        Assert.Equal(6, (await queue.Store.ListAsync(new JobFilter())).Jobs.Count);
        await AssertEventsAsync(released, "job.queued", "job.running", "job.queued");
        await AssertEventsAsync(valid, "job.validating", "job.queued");
        await AssertEventsAsync(faulty, "job.validating", "job.failed");
        await AssertEventsAsync(
            job, "job.queued", "job.running", "a", "b", "checkpoint", "job.pause_requested", "job.resume_requested", "job.succeeded");
        await AssertEventsAsync(other, "job.queued", "job.running", "job.failed", "job.queued", "job.cancelled");

        async Task AssertEventsAsync(Job of, params string[] kinds) =>
            Assert.Equal(kinds, (await queue.Store.ListEventsAsync(of.Id)).Select(e => e.Kind));

        async Task<T> LoseAsync<T>(Func<Task<T>> operation)
        {
            int before = proxy.Dropped;
            proxy.Arm();
            T result = await operation();
            Assert.Equal(before + 1, proxy.Dropped);
            return result;
        }

        static async Task<bool> Done(Task task)
        {
            await task;
            return true;
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_job_outlives_an_outage_of_the_database_within_its_lease(StoreKind kind)
    {
        await using Outage outage = await Outage.PrepareAsync(kind);
        (Job ended, LeaseEnd seen) = await RunThroughAsync(outage, TimeSpan.FromSeconds(20), untilFenced: false);

        Assert.Equal((JobState.Succeeded, 1, 1L), (ended.State, ended.Attempt, ended.Epoch));
        Assert.Equal(LeaseEnd.None, seen);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_worker_fences_itself_when_the_database_is_gone_for_longer_and_the_job_runs_again(StoreKind kind)
    {
        await using Outage outage = await Outage.PrepareAsync(kind);
        (Job ended, LeaseEnd seen) = await RunThroughAsync(outage, TimeSpan.FromSeconds(1), untilFenced: true);

        Assert.Equal((JobState.Succeeded, 2, 3L), (ended.State, ended.Attempt, ended.Epoch));
        Assert.Equal(LeaseEnd.Lost, seen);
    }

    /// <summary>A handler is between two steps while the database goes and comes again.</summary>
    /// <returns>The job at its end, and how its first handler found its lease after the outage.</returns>
    private static async Task<(Job Ended, LeaseEnd Seen)> RunThroughAsync(Outage outage, TimeSpan lease, bool untilFenced)
    {
        TestQueue queue = outage.Queue;
        TaskCompletionSource<JobLease> reached = new();
        TaskCompletionSource goOn = new();
        StepJob steps = new(queue.Artifacts, point => point == "mid-step" ? goOn.Task : Task.CompletedTask);
        Dictionary<string, JobHandler> handlers = new()
        {
            ["steps"] = (l, stopping) =>
            {
                reached.TrySetResult(l);
                return steps.RunAsync(l, stopping);
            },
        };
        JobRunnerOptions options = new()
        {
            Worker = "w",
            Node = "w",
            Lease = LeaseOptions.Of(lease),
            PollInterval = TimeSpan.FromMilliseconds(50),
        };
        using CancellationTokenSource stop = new();
        Task running = new JobRunner(queue.Store, handlers, options, TimeProvider.System, NullLogger<JobRunner>.Instance).RunAsync(stop.Token);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        JobLease held = await reached.Task.WaitAsync(TimeSpan.FromMinutes(1));

        await outage.BeginAsync();
        if (untilFenced)
            await held.Stopping.WaitAsync(TimeSpan.FromMinutes(1));
        else
            goOn.SetResult(); // its next write meets the outage
        await outage.EndAsync();
        LeaseEnd seen = held.End;
        goOn.TrySetResult();

        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        await foreach (JobEvent e in queue.Store.WatchAsync(job.Id, cancellation: limit.Token))
            Assert.Equal(job.Id, e.JobId);
        await stop.CancelAsync();
        await running;
        return ((await queue.Store.FindAsync(job.Id))!, seen);
    }
}
