using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Jobs.Tests;

/// <summary>What the loop makes of what handlers do.</summary>
public class JobRunnerTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Every_way_to_fail_has_its_kind(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, new JobStoreOptions { BackOff = TimeSpan.FromMilliseconds(1) });
        Dictionary<string, JobHandler> handlers = new()
        {
            ["user"] = (_, _) => throw new JobFailedException(FailureKind.UserError, "line 7"),
            ["memory"] = (lease, _) => lease.Job.MemoryReductions == 0
                ? throw new OutOfMemoryException() : Task.FromResult($"reduced {lease.Job.MemoryReductions}"),
            ["broken"] = (_, _) => throw new InvalidOperationException("once more"),
            ["slow disk"] = (lease, _) => lease.Job.Attempt <= 4
                ? throw new JobFailedException(FailureKind.Infrastructure, "unmounted") : Task.FromResult("at last"),
        };
        Dictionary<string, long> ids = [];
        foreach (string name in handlers.Keys)
            ids[name] = (await queue.Store.SubmitAsync(new JobSubmission { Kind = name })).Id;

        await RunUntilEndedAsync(queue, handlers, ids.Values);

        Dictionary<string, Job> jobs = [];
        foreach ((string name, long id) in ids)
            jobs[name] = (await queue.Store.FindAsync(id))!;
        Assert.Equal((JobState.Failed, 1, "line 7"), (jobs["user"].State, jobs["user"].Attempt, jobs["user"].Failure!.Message));
        Assert.Equal((JobState.Succeeded, 2, "reduced 1"), (jobs["memory"].State, jobs["memory"].Attempt, jobs["memory"].Result));
        Assert.Equal((JobState.Dead, 3, "once more"), (jobs["broken"].State, jobs["broken"].Attempt, jobs["broken"].Failure!.Message));
        Assert.Equal((JobState.Succeeded, 5, "at last"), (jobs["slow disk"].State, jobs["slow disk"].Attempt, jobs["slow disk"].Result));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_cancel_and_a_pause_stop_the_handler_and_a_resume_goes_on(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        IJobStore store = queue.Store;
        SemaphoreSlim started = new(0);
        Dictionary<string, JobHandler> handlers = new()
        {
            ["long"] = async (lease, stopping) =>
            {
                started.Release();
                if (lease.Job.Progress == 0)
                {
                    await lease.RecordCheckpointAsync(1, "first");
                    await Task.Delay(Timeout.Infinite, stopping);
                }

                return $"from {lease.Job.Progress}";
            },
        };
        Job paused = await store.SubmitAsync(new JobSubmission { Kind = "long" });
        using CancellationTokenSource stop = new();
        Task running = Runner(queue, handlers).RunAsync(stop.Token);
        await started.WaitAsync();
        await store.PauseAsync(paused.Id);
        paused = await StateAsync(store, paused.Id, JobState.Paused);
        Job cancelled = await store.SubmitAsync(new JobSubmission { Kind = "long" });
        await started.WaitAsync();
        await store.CancelAsync(cancelled.Id);
        await StateAsync(store, cancelled.Id, JobState.Cancelled);
        await store.ResumeAsync(paused.Id);
        Job resumed = await StateAsync(store, paused.Id, JobState.Succeeded);
        await stop.CancelAsync();
        await running;

        Assert.Equal(("from 1", 2, 0), (resumed.Result, resumed.Attempt, resumed.FruitlessAttempts));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_runner_that_stops_hands_its_jobs_back_unspent(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        SemaphoreSlim started = new(0);
        LeaseEnd end = LeaseEnd.None;
        Dictionary<string, JobHandler> handlers = new()
        {
            ["long"] = async (lease, stopping) =>
            {
                started.Release();
                try
                {
                    await Task.Delay(Timeout.Infinite, stopping);
                }
                finally
                {
                    end = lease.End;
                }

                return "";
            },
        };
        Job job = await queue.Store.SubmitAsync(new JobSubmission { Kind = "long" });
        using CancellationTokenSource stop = new();
        Task running = Runner(queue, handlers).RunAsync(stop.Token);
        await started.WaitAsync();
        await stop.CancelAsync();
        await running;

        Job left = (await queue.Store.FindAsync(job.Id))!;
        Assert.Equal(LeaseEnd.Shutdown, end);
        Assert.Equal((JobState.Queued, 0, 1L), (left.State, left.FruitlessAttempts, left.Epoch));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_cancelled_job_of_a_dead_worker_ends_while_all_other_workers_are_busy(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        SemaphoreSlim started = new(0);
        Dictionary<string, JobHandler> handlers = new()
        {
            ["long"] = async (_, stopping) =>
            {
                started.Release();
                await Task.Delay(Timeout.Infinite, stopping);
                return "";
            },
        };
        Job orphan = await queue.Store.RunningAsync();
        await queue.Store.CancelAsync(orphan.Id);
        Job busy = await queue.Store.SubmitAsync(new JobSubmission { Kind = "long" });
        using CancellationTokenSource stop = new();
        Task running = Runner(queue, handlers, TimeSpan.FromSeconds(1)).RunAsync(stop.Token);
        await started.WaitAsync();

        // The lease of the dead worker ends while the only slot is taken.
        await queue.ExecuteAsync($"UPDATE jobs SET lease_until = 1 WHERE id = {orphan.Id}");
        Job ended = await StateAsync(queue.Store, orphan.Id, JobState.Cancelled);

        Assert.Equal(JobState.Running, (await queue.Store.FindAsync(busy.Id))!.State);
        Assert.Equal(orphan.Epoch + 1, ended.Epoch);
        await stop.CancelAsync();
        await running;
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_schedule_that_comes_due_is_run(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        await queue.Store.SaveScheduleAsync(new NewJobSchedule("nightly", "0 3 * * *", new JobSubmission { Kind = "train", Payload = """{"of": "schedule"}""" }));
        await queue.ExecuteAsync("UPDATE job_schedules SET next_due = 0");
        TaskCompletionSource<string> ran = new();
        Dictionary<string, JobHandler> handlers = new()
        {
            ["train"] = (lease, _) =>
            {
                ran.TrySetResult(lease.Job.Payload);
                return Task.FromResult("adapter");
            },
        };
        using CancellationTokenSource stop = new();
        Task running = Runner(queue, handlers).RunAsync(stop.Token);

        Assert.Equal("""{"of": "schedule"}""", await ran.Task.WaitAsync(TimeSpan.FromMinutes(1)));
        await stop.CancelAsync();
        await running;
    }

    private static JobRunner Runner(TestQueue queue, Dictionary<string, JobHandler> handlers, TimeSpan? lease = null) => new(
        queue.Store, handlers,
        new JobRunnerOptions
        {
            Worker = "w",
            Node = "n",
            PollInterval = TimeSpan.FromMilliseconds(20),
            Lease = LeaseOptions.Of(lease ?? TimeSpan.FromSeconds(60)),
        },
        TimeProvider.System, NullLogger<JobRunner>.Instance);

    private static async Task RunUntilEndedAsync(TestQueue queue, Dictionary<string, JobHandler> handlers, IEnumerable<long> ids)
    {
        using CancellationTokenSource stop = new();
        Task running = Runner(queue, handlers).RunAsync(stop.Token);
        foreach (long id in ids)
        {
            using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
            await foreach (JobEvent e in queue.Store.WatchAsync(id, cancellation: limit.Token))
                Assert.Equal(id, e.JobId);
        }

        await stop.CancelAsync();
        await running;
    }

    private static async Task<Job> StateAsync(IJobStore store, long id, JobState state)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            Task hint = store.NextJobHint(id);
            Job job = (await store.FindAsync(id, limit.Token))!;
            if (job.State == state)
                return job;
            await Task.WhenAny(hint, Task.Delay(100, limit.Token));
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
