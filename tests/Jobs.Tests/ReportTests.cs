namespace Inference.Jobs.Tests;

/// <summary>Events, metrics, checkpoints, and watching them.</summary>
public class ReportTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Events_are_numbered_without_gaps_and_tell_every_change(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();
        await queue.Store.AppendEventsAsync(
            job.Lease, [.. Enumerable.Range(0, 250).Select(i => new NewJobEvent("step", $"step {i}", $$"""{"step": {{i}}}"""))]);
        await queue.Store.RecordCheckpointAsync(job.Lease, 5, "there", """{"loss": 1.5}""");
        await queue.Store.CancelAsync(job.Id);
        await queue.Store.ReleaseAsync(job.Lease);

        IReadOnlyList<JobEvent> events = await queue.Store.ListEventsAsync(job.Id);

        Assert.Equal(Enumerable.Range(1, 255).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.Equal(
            ["job.queued", "job.running", .. Enumerable.Repeat("step", 250), "checkpoint", "job.cancel_requested", "job.cancelled"],
            events.Select(e => e.Kind));
        Assert.Equal("""{"step": 249}""", events[251].Data);
        Assert.Equal("""{"loss": 1.5}""", events[252].Data);
        Assert.Equal(events.Skip(100).Take(7), await queue.Store.ListEventsAsync(job.Id, after: 100, limit: 7));
        await Assert.ThrowsAsync<ArgumentException>(() => queue.Store.AppendEventsAsync(job.Lease, [new NewJobEvent("k", "m", "{")]));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_metric_written_again_keeps_the_last_value(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();

        await queue.Store.UpsertMetricsAsync(job.Lease, [.. Enumerable.Range(1, 300).Select(i => new JobMetric("train_loss", i, 1.0 / i))]);
        await queue.Store.UpsertMetricsAsync(job.Lease, [new("train_loss", 2, 7), new("lr", 1, 1e-300), new("train_loss", 2, 8)]);

        IReadOnlyList<JobMetric> metrics = await queue.Store.ListMetricsAsync(job.Id);
        Assert.Equal(metrics.Where(m => m.Step >= 2), await queue.Store.ListMetricsAsync(job.Id, fromStep: 2));
        Assert.Equal(301, metrics.Count);
        Assert.Equal(new JobMetric("lr", 1, 1e-300), metrics[0]);
        Assert.Equal(new JobMetric("train_loss", 2, 8), metrics[2]);
        Assert.Equal(1.0 / 3, metrics[3].Value);
        await Assert.ThrowsAsync<ArgumentException>(() => queue.Store.UpsertMetricsAsync(job.Lease, [new("x", 1, double.NaN)]));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_watcher_sees_every_event_once_and_ends_with_the_job(StoreKind kind)
    {
        // The poll would take an hour: what arrives, arrives by hints. The second store stands for another process.
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();
        IJobStore other = kind == StoreKind.Postgres
            ? await queue.OpenAsync(new JobStoreOptions { PollInterval = TimeSpan.FromHours(1) })
            : await queue.OpenAsync(new JobStoreOptions { PollInterval = TimeSpan.FromMilliseconds(50) });
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        List<long> seen = [];
        TaskCompletionSource started = new();
        Task watching = Task.Run(async () =>
        {
            await foreach (JobEvent e in other.WatchAsync(job.Id, after: 1, limit.Token))
            {
                seen.Add(e.Sequence);
                started.TrySetResult();
            }
        });
        await started.Task;

        for (int i = 0; i < 20; i++)
            await queue.Store.AppendEventsAsync(job.Lease, [new NewJobEvent("a", "a"), new NewJobEvent("b", "b")]);
        await queue.Store.CompleteAsync(job.Lease, "r");
        await watching;

        Assert.Equal(Enumerable.Range(2, 42).Select(i => (long)i), seen);
        await Assert.ThrowsAsync<JobNotFoundException>(async () => await other.WatchAsync(job.Id + 1).GetAsyncEnumerator().MoveNextAsync());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_watcher_can_leave(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        using CancellationTokenSource leave = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (JobEvent e in queue.Store.WatchAsync(job.Id, cancellation: leave.Token))
                await leave.CancelAsync();
        });
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_checkpoint_is_forgotten_by_its_holder_only_and_progress_stays(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync();
        foreach (int step in new[] { 5, 10, 15 })
            await queue.Store.RecordCheckpointAsync(job.Lease, step, $"at {step}");

        await queue.Store.DeleteCheckpointAsync(job.Lease, 5);
        await queue.Store.DeleteCheckpointAsync(job.Lease, 5);
        await queue.Store.DeleteCheckpointAsync(job.Lease, 15);
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.DeleteCheckpointAsync(job.Lease with { Epoch = 9 }, 10));

        Assert.Equal([10], (await queue.Store.ListCheckpointsAsync(job.Id)).Select(c => c.Step));
        Assert.Equal(15, (await queue.Store.FindAsync(job.Id))!.Progress);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Only_jobs_that_have_ended_long_enough_ago_are_listed_and_only_ended_ones_removed(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job running = await queue.Store.RunningAsync();
        Job waiting = await queue.Store.SubmitAsync(new JobSubmission { Kind = "steps" });
        Job ended = await queue.Store.SubmitAsync(new JobSubmission { Kind = "steps" });
        await queue.Store.CancelAsync(ended.Id);

        Assert.Empty(await queue.Store.ListEndedAsync(TimeSpan.FromHours(1)));
        Assert.Equal([ended.Id], (await queue.Store.ListEndedAsync(TimeSpan.Zero)).Select(j => j.Id));
        Assert.False(await queue.Store.DeleteAsync(running.Id));
        Assert.False(await queue.Store.DeleteAsync(waiting.Id));
        Assert.True(await queue.Store.DeleteAsync(ended.Id));
        Assert.False(await queue.Store.DeleteAsync(ended.Id));

        Assert.Null(await queue.Store.FindAsync(ended.Id));
        Assert.Empty(await queue.Store.ListEventsAsync(ended.Id));
        Assert.NotNull(await queue.Store.FindAsync(running.Id));
    }
}
