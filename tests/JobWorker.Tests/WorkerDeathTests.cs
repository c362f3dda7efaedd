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
    private const int Steps = 12;

    /// <summary>Trainers wait here, whichever attempt they are, until the test opens the gate.</summary>
    private static readonly (string Key, int Value) Gate = ("gate_at", 5);

    /// <summary>
    /// The host in this process takes back expired leases too, so it must judge attempts as the workers do: short leases are lost now and
    /// then on a busy machine, and three such losses would make the job dead.
    /// </summary>
    private static readonly (string Key, string Value) Patient = ("Queue:MaxFruitlessAttempts", "100");

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
        await using RunningWorker api = await RunningWorker.StartAsync(null, shared.Path, Patient);
        await using WorkerProcess sleeper = WorkerProcess.Start(shared.Path, "sleeper", 2 * Lease);
        Job job = await api.SubmitAsync(Steps, "adapter", Gate);
        await api.WaitAsync(job, j => j.Progress >= 4);
        using Process orphan = await api.TrainerAsync(job);

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

        await OpenGateAsync(shared);
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
            null, shared.Path, postgres is null ? [Patient] : [Patient, ("Queue:Postgres", postgres)]);
        Job job = await api.SubmitAsync(Steps, "adapter", Gate);
        foreach (int progress in new[] { 0, 4 })
        {
            await using WorkerProcess worker = WorkerProcess.Start(shared.Path, $"w{progress}", Lease, queue);
            await api.WaitAsync(job, j => j.Progress >= progress);
            using Process trainer = await api.TrainerAsync(job);
            await worker.KillAsync();
            await EndAsync(trainer);
        }

        await OpenGateAsync(shared);
        await using WorkerProcess last = WorkerProcess.Start(shared.Path, "last", Lease, queue);
        Job ended = await api.WaitForEndAsync(job);

        Assert.Equal("last", ended.Worker);
        await AssertOneResultAsync(api, ended);
    }

    /// <summary>The test's trainer looks for this file in the model's directory.</summary>
    private static Task OpenGateAsync(TemporaryDirectory shared) => File.WriteAllTextAsync(shared.File("gate-is-open"), "");

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
