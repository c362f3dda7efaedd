using System.Diagnostics;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.Jobs.Tests;
using Inference.JobWorker.TestTrainer;
using Inference.TestSupport;
using Microsoft.Data.Sqlite;

namespace Inference.JobWorker.Tests;

/// <summary>Whole workers with their trainers, killed, stopped and woken. The queue's own proofs are in Jobs.Tests.</summary>
[Collection(nameof(ShortLeases))]
public class WorkerDeathTests
{
    private const int Steps = 24;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1.5);

    [Fact]
    public Task Killed_workers_leave_no_trainer_and_the_last_one_ends_the_job_on_sqlite() => Killed_workers_leave_no_trainer(null);

    [PostgresFact]
    public async Task Killed_workers_leave_no_trainer_and_the_last_one_ends_the_job_on_postgresql() =>
        await Killed_workers_leave_no_trainer(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    [Fact]
    public async Task A_stopped_workers_trainer_ends_itself_before_another_begins_and_the_woken_worker_changes_nothing()
    {
        using TemporaryDirectory shared = new();
        await using RunningWorker api = await RunningWorker.StartAsync(null, shared.Path);
        await using WorkerProcess sleeper = WorkerProcess.Start(shared.Path, "sleeper", Lease);
        Job job = await api.SubmitAsync(Steps, "adapter", ("step_ms", 200));
        using Process orphan = await api.TrainerAsync(job);
        await api.WaitAsync(job, j => j.Progress >= 2);

        // Not in the middle of a write: stopped there, it would keep the file locked for as long as it sleeps.
        await using (SqliteConnection file = new($"Data Source={Path.Combine(shared.Path, "jobs.db")}"))
        {
            await file.OpenAsync();
            await using SqliteTransaction writing = file.BeginTransaction(deferred: false);
            sleeper.Signal("STOP");
        }

        Job held = (await api.Store.FindAsync(job.Id))!;
        await EndAsync(orphan);
        Assert.Equal(0, await api.Store.ReclaimExpiredAsync()); // its lease still stands

        await using WorkerProcess second = WorkerProcess.Start(shared.Path, "second", Lease);
        Job ended = await api.WaitForEndAsync(job);
        sleeper.Signal("CONT");
        sleeper.Signal("TERM");
        Assert.Equal(0, await sleeper.ExitAsync());

        Assert.True(ended.Epoch > held.Epoch);
        Assert.Equal("second", ended.Worker);
        await AssertOneResultAsync(api, ended);
    }

    private static async Task Killed_workers_leave_no_trainer(string? postgres)
    {
        using TemporaryDirectory shared = new();
        string[] queue = postgres is null ? [] : [$"--Queue:Postgres={postgres}"];
        await using RunningWorker api = await RunningWorker.StartAsync(
            null, shared.Path, postgres is null ? [] : [("Queue:Postgres", postgres)]);
        Job job = await api.SubmitAsync(Steps, "adapter", ("step_ms", 200));
        foreach (int delay in new[] { 0, 200 })
        {
            await using WorkerProcess worker = WorkerProcess.Start(shared.Path, $"w{delay}", Lease, queue);
            using Process trainer = await api.TrainerAsync(job);
            await Task.Delay(delay);
            await worker.KillAsync();
            await EndAsync(trainer);
        }

        await using WorkerProcess last = WorkerProcess.Start(shared.Path, "last", Lease, queue);
        Job ended = await api.WaitForEndAsync(job);

        Assert.Equal("last", ended.Worker);
        await AssertOneResultAsync(api, ended);
    }

    /// <summary>Waits until a process runs no more; its parent, stopped or dead, may not have asked for its exit code.</summary>
    private static async Task EndAsync(Process process)
    {
        string status = $"/proc/{process.Id}/status";
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (File.Exists(status) && !(await File.ReadAllTextAsync(status, limit.Token)).Contains("State:\tZ", StringComparison.Ordinal))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task AssertOneResultAsync(RunningWorker api, Job ended)
    {
        Assert.Equal(JobState.Succeeded, ended.State);
        using TemporaryDirectory files = new();
        await api.Artifacts.LoadAsync(ArtifactReference.Parse(ended.Result!), files.Path);
        Assert.Equal($"{Chain.Expected(Steps)}", await File.ReadAllTextAsync(files.File("adapter_model.safetensors")));
        Assert.Single(await api.Store.ListEventsAsync(ended.Id), e => e.Kind == "job.succeeded");
        IReadOnlyList<JobMetric> losses = [.. (await api.Store.ListMetricsAsync(ended.Id)).Where(m => m.Key == "train_loss")];
        Assert.Equal(Enumerable.Range(1, Steps).Select(s => (long)s), losses.Select(l => l.Step));

        string pointer = Path.Combine(api.Directory, "artifacts/adapters/adapter/current");
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (!File.Exists(pointer))
        {
            await Task.Delay(20, limit.Token);
        }

        Assert.Equal($"{ended.Id}-{ended.Epoch}\n", await File.ReadAllTextAsync(pointer));
    }
}
