using Inference.TestSupport;

namespace Inference.Jobs.Tests;

/// <summary>What a worker learns of its lease, and when.</summary>
public class JobLeaseTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly LeaseOptions Slow = new() { Duration = TimeSpan.FromHours(3), Heartbeat = TimeSpan.FromHours(1), Margin = TimeSpan.FromHours(1) };

    [Theory, OnSqlite, OnPostgres]
    public async Task The_fence_falls_by_the_workers_own_clock_before_the_lease_ends(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        ManualTime time = new();
        Job job = await queue.Store.RunningAsync(Slow.Duration);
        await using JobLease lease = new(queue.Store, job, time.GetTimestamp(), Slow, time);

        time.Advance(TimeSpan.FromHours(2) - TimeSpan.FromTicks(1));
        Assert.Equal(LeaseEnd.None, lease.End);
        await lease.AppendEventsAsync(new NewJobEvent("still", "still"));
        time.Advance(TimeSpan.FromTicks(1));

        await lease.Stopping.WaitAsync(Limit);
        Assert.Equal(LeaseEnd.Lost, lease.End);
        await Assert.ThrowsAsync<LeaseLostException>(() => lease.AppendEventsAsync(new NewJobEvent("late", "late")));
        await Assert.ThrowsAsync<LeaseLostException>(() => lease.CompleteAsync("late"));
        Assert.Equal(JobState.Running, (await queue.Store.FindAsync(job.Id))!.State);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Heartbeats_keep_a_lease_far_beyond_its_duration(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        LeaseOptions options = new() { Duration = TimeSpan.FromSeconds(1.5), Heartbeat = TimeSpan.FromMilliseconds(50), Margin = TimeSpan.Zero };
        long claimedAt = TimeProvider.System.GetTimestamp();
        Job job = await queue.Store.RunningAsync(options.Duration);
        DateTimeOffset first = job.LeaseUntil!.Value;
        await using JobLease lease = new(queue.Store, job, claimedAt, options, TimeProvider.System);

        using CancellationTokenSource limit = new(Limit);
        while ((await queue.Store.FindAsync(job.Id, limit.Token))!.LeaseUntil < first.AddSeconds(2))
        {
            await queue.Store.ReclaimExpiredAsync(limit.Token);
            await Task.Delay(50, limit.Token);
        }

        Assert.Equal(LeaseEnd.None, lease.End);
        Assert.Equal(JobState.Succeeded, (await lease.CompleteAsync("r")).State);
    }

    [Theory]
    [OnSqlite(LeaseEnd.CancelRequested), OnSqlite(LeaseEnd.PauseRequested)]
    [OnPostgres(LeaseEnd.CancelRequested), OnPostgres(LeaseEnd.PauseRequested)]
    public async Task A_request_reaches_the_worker_at_once_by_a_hint(StoreKind kind, LeaseEnd end)
    {
        // The next heartbeat by the clock would be in an hour.
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        IJobStore other = kind == StoreKind.Postgres ? await queue.OpenAsync() : queue.Store;
        Job job = await queue.Store.RunningAsync(Slow.Duration);
        await using JobLease lease = new(queue.Store, job, TimeProvider.System.GetTimestamp(), Slow, TimeProvider.System);

        await (end == LeaseEnd.CancelRequested ? other.CancelAsync(job.Id) : other.PauseAsync(job.Id));
        await lease.Stopping.WaitAsync(Limit);

        Assert.Equal(end, lease.End);
        await lease.RecordCheckpointAsync(1, "last words");
        Job left = await lease.ReleaseAsync();
        Assert.Equal(end == LeaseEnd.CancelRequested ? JobState.Cancelled : JobState.Paused, left.State);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Without_hints_a_request_comes_with_the_next_heartbeat(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        LeaseOptions options = new() { Heartbeat = TimeSpan.FromMilliseconds(50) };
        Job job = await queue.Store.RunningAsync(options.Duration);
        await using JobLease lease = new(queue.Store, job, TimeProvider.System.GetTimestamp(), options, TimeProvider.System);

        await queue.ExecuteAsync($"UPDATE jobs SET cancel_requested = {(kind == StoreKind.Postgres ? "true" : "1")}");
        await lease.Stopping.WaitAsync(Limit);

        Assert.Equal(LeaseEnd.CancelRequested, lease.End);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_lease_taken_by_another_is_lost_at_the_next_heartbeat(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        LeaseOptions options = new() { Heartbeat = TimeSpan.FromMilliseconds(50) };
        Job job = await queue.Store.RunningAsync(options.Duration);
        await using JobLease lease = new(queue.Store, job, TimeProvider.System.GetTimestamp(), options, TimeProvider.System);

        await queue.ExecuteAsync("UPDATE jobs SET epoch = epoch + 1");
        await lease.Stopping.WaitAsync(Limit);

        Assert.Equal(LeaseEnd.Lost, lease.End);
        lease.Shutdown();
        Assert.Equal(LeaseEnd.Lost, lease.End);
    }

    [Theory, OnSqlite(-1), OnSqlite(1), OnPostgres(-1), OnPostgres(1)]
    public async Task A_wall_clock_an_hour_off_changes_nothing(StoreKind kind, int hours)
    {
        WrongClock wrong = new(TimeSpan.FromHours(hours));
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        IJobStore offStore = await queue.OpenAsync(time: wrong);

        // The right one holds it: the wrong one sees no expiry. The wrong one's own lease lasts as long as any.
        Job held = await queue.Store.RunningAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, await offStore.ReclaimExpiredAsync());
        long claimedAt = wrong.GetTimestamp();
        Job job = await offStore.RunningAsync(TimeSpan.FromSeconds(30));
        await using JobLease lease = new(offStore, job, claimedAt, LeaseOptions.Of(TimeSpan.FromSeconds(30)), wrong);
        Assert.InRange(job.LeaseUntil!.Value - held.LeaseUntil!.Value, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(30));
        Assert.Equal(0, await queue.Store.ReclaimExpiredAsync());
        Assert.Equal(LeaseEnd.None, lease.End);

        // Due in a minute is due in a minute, whoever asks.
        Job later = await offStore.SubmitAsync(Requests.Steps with { DueAt = job.CreatedAt.AddMinutes(1) });
        Assert.Null(await offStore.ClaimAsync(Requests.Claim("off")));
        Assert.Equal(JobState.Succeeded, (await lease.CompleteAsync("r")).State);
        Assert.Equal(later.DueAt, job.CreatedAt.AddMinutes(1));
    }

    [Fact]
    public void Options_that_cannot_hold_a_lease_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LeaseOptions { Duration = TimeSpan.FromMilliseconds(99) }.Check());
        Assert.Throws<ArgumentException>(() => new LeaseOptions { Heartbeat = TimeSpan.FromSeconds(21) }.Check());
        Assert.Throws<ArgumentException>(() => new LeaseOptions { Margin = TimeSpan.FromSeconds(30) }.Check());
        new LeaseOptions().Check();
        LeaseOptions.Of(TimeSpan.FromSeconds(1)).Check();
    }
}
