using System.Globalization;
using Inference.Jobs.TestWorker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Jobs.Tests;

/// <summary>A worker process dies, or sleeps past its lease, at each point of a job; another one ends the job, with the same result.</summary>
public class WorkerDeathTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    /// <summary>A machine that stalls for a second costs the short lease once more; that must not make a job dead.</summary>
    private static readonly JobStoreOptions Patient = new() { MaxFruitlessAttempts = 1_000 };

    [Theory]
    [OnSqlite("claimed", 0), OnSqlite("mid-step", 2), OnSqlite("mid-checkpoint", 2), OnSqlite("renamed", 2), OnSqlite("before-completion", 6)]
    [OnPostgres("claimed", 0), OnPostgres("mid-step", 2), OnPostgres("mid-checkpoint", 2), OnPostgres("renamed", 2), OnPostgres("before-completion", 6)]
    public async Task A_job_whose_worker_is_killed_goes_on_from_its_last_checkpoint(StoreKind kind, string point, long progress)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, Patient);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        await using WorkerProcess worker = WorkerProcess.Start(queue, "doomed", Lease, point);
        await worker.ExpectAsync("at " + point);
        Assert.Equal(progress, (await queue.Store.FindAsync(job.Id))!.Progress);
        await worker.KillAsync();

        Job ended = await RunElsewhereAsync(queue, job.Id);

        await AssertOneEffectAsync(queue, ended);

        // Each loss raises the epoch, and so does each claim.
        Assert.True(ended.Attempt >= 2);
        Assert.Equal((2 * ended.Attempt) - 1, ended.Epoch);
    }

    [Theory]
    [OnSqlite("mid-step"), OnSqlite("before-completion")]
    [OnPostgres("mid-step"), OnPostgres("before-completion")]
    public async Task A_worker_that_sleeps_past_its_lease_finds_itself_fenced_off(StoreKind kind, string point)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, Patient);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        await using WorkerProcess sleeper = WorkerProcess.Start(queue, "sleeper", Lease, point);
        await sleeper.ExpectAsync("at " + point);
        sleeper.Stop();
        while (!await CanWriteAsync(queue))
        {
            // It was stopped within a heartbeat, and holds the database's lock.
            sleeper.Continue();
            await Task.Delay(50);
            sleeper.Stop();
        }

        Job ended = await RunElsewhereAsync(queue, job.Id);
        sleeper.Continue();
        sleeper.Go();
        await sleeper.ExpectAsync("Lost: ");

        Assert.Equal(ended, await queue.Store.FindAsync(job.Id));
        await AssertOneEffectAsync(queue, ended);
        Assert.Equal(0, await sleeper.LeaveAsync());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_torn_checkpoint_falls_back_to_the_one_before(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, Patient);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        await using WorkerProcess worker = WorkerProcess.Start(queue, "doomed", Lease, "before-completion");
        await worker.ExpectAsync("at before-completion");
        await worker.KillAsync();
        string last = (await queue.Store.ListCheckpointsAsync(job.Id))[^1].Location;
        await File.WriteAllTextAsync(last, (await File.ReadAllTextAsync(last))[..^7]);

        Job ended = await RunElsewhereAsync(queue, job.Id);

        await AssertOneEffectAsync(queue, ended);
        JobCheckpoint[] checkpoints = [.. await queue.Store.ListCheckpointsAsync(job.Id)];
        Assert.True(checkpoints[1].Epoch < ended.Epoch, "step 4 was not computed again");
        Assert.Equal(ended.Epoch, checkpoints[2].Epoch);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_worker_whose_thread_pool_is_starved_keeps_its_lease(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, Patient);
        Job job = await queue.Store.SubmitAsync(new JobSubmission { Kind = "starve" });
        await using WorkerProcess worker = WorkerProcess.Start(queue, "starved", TimeSpan.FromSeconds(6), "starved");
        await worker.ExpectAsync("at starved");

        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        Job starved = (await queue.Store.FindAsync(job.Id, limit.Token))!;
        for (int extensions = 0; extensions < 2; extensions++)
        {
            DateTimeOffset? until = starved.LeaseUntil;
            while ((starved = (await queue.Store.FindAsync(job.Id, limit.Token))!).LeaseUntil == until)
                await Task.Delay(50, limit.Token);
            Assert.Equal((JobState.Running, 1L), (starved.State, starved.Epoch));
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_worker_that_is_asked_to_leave_hands_its_job_back_at_once(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, Patient);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        await using WorkerProcess worker = WorkerProcess.Start(queue, "leaver", TimeSpan.FromMinutes(10), "mid-step");
        await worker.ExpectAsync("at mid-step");
        worker.Go();
        Assert.Equal(0, await worker.LeaveAsync());

        // It either had time to finish, or gave the job back without spending anything: no lease has to expire.
        Job left = (await queue.Store.FindAsync(job.Id))!;
        Assert.True(left.State is JobState.Queued or JobState.Succeeded, left.State.ToText());
        Assert.Equal(0, left.FruitlessAttempts);
        await AssertOneEffectAsync(queue, await RunElsewhereAsync(queue, job.Id));
    }

    private static async Task<bool> CanWriteAsync(TestQueue queue)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2));
        try
        {
            await queue.Store.SubmitAsync(new JobSubmission { Kind = "nobody-does-it" }, limit.Token);
            return true;
        }
        catch (Exception error) when (error is OperationCanceledException or System.Data.Common.DbException)
        {
            return false;
        }
    }

    private static async Task<Job> RunElsewhereAsync(TestQueue queue, long id)
    {
        JobRunnerOptions options = new() { Worker = "survivor", Node = "survivor", PollInterval = TimeSpan.FromMilliseconds(50) };
        StepJob steps = new(queue.Artifacts, _ => Task.CompletedTask);
        using CancellationTokenSource stop = new();
        Task running = new JobRunner(queue.Store, StepJob.Handlers(steps), options, TimeProvider.System, NullLogger<JobRunner>.Instance)
            .RunAsync(stop.Token);
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        await foreach (JobEvent e in queue.Store.WatchAsync(id, cancellation: limit.Token))
            Assert.Equal(id, e.JobId);
        await stop.CancelAsync();
        await running;
        return (await queue.Store.FindAsync(id))!;
    }

    /// <summary>One success, whose result is the winner's own and what an undisturbed run computes; metrics are not doubled.</summary>
    private static async Task AssertOneEffectAsync(TestQueue queue, Job ended)
    {
        Assert.Equal(JobState.Succeeded, ended.State);
        Assert.Equal(Path.Combine(queue.Artifacts, $"{ended.Id}", $"{ended.Epoch}", "result"), ended.Result);
        Assert.Equal(StepJob.Expected(6).ToString(CultureInfo.InvariantCulture), await File.ReadAllTextAsync(ended.Result!));
        IReadOnlyList<JobEvent> events = await queue.Store.ListEventsAsync(ended.Id);
        Assert.Single(events, e => e.Kind == "job.succeeded");
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal([1, 2, 3, 4, 5, 6], (await queue.Store.ListMetricsAsync(ended.Id)).Select(m => m.Step));
        Assert.Equal([2, 4, 6], (await queue.Store.ListCheckpointsAsync(ended.Id)).Select(c => c.Step));
    }
}
