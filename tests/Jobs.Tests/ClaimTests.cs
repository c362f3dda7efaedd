namespace Inference.Jobs.Tests;

/// <summary>Who gets which job, in which slot.</summary>
public class ClaimTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Priority_goes_first_then_age(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        long first = (await queue.Store.SubmitAsync(Requests.Steps)).Id;
        long second = (await queue.Store.SubmitAsync(Requests.Steps)).Id;
        long urgent = (await queue.Store.SubmitAsync(Requests.Steps with { Priority = 1 })).Id;
        long patient = (await queue.Store.SubmitAsync(Requests.Steps with { Priority = -1 })).Id;

        Assert.Equal([urgent, first, second, patient], await ClaimAllAsync(queue.Store));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Waiting_outweighs_priority_in_time(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind, new JobStoreOptions { PriorityAging = TimeSpan.FromMilliseconds(20) });
        long old = (await queue.Store.SubmitAsync(Requests.Steps)).Id;
        await Task.Delay(100);
        long urgent = (await queue.Store.SubmitAsync(Requests.Steps with { Priority = 2 })).Id;
        long moreUrgent = (await queue.Store.SubmitAsync(Requests.Steps with { Priority = 1_000 })).Id;

        Assert.Equal([moreUrgent, old, urgent], await ClaimAllAsync(queue.Store));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Only_what_is_due_and_fits_is_given(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job now = await queue.Store.SubmitAsync(Requests.Steps);
        await queue.Store.SubmitAsync(Requests.Steps with { SlotKind = "gpu" });
        await queue.Store.SubmitAsync(Requests.Steps with { Kind = "other" });
        Job later = await queue.Store.SubmitAsync(Requests.Steps with { DueAt = now.CreatedAt.AddHours(1) });

        Assert.Equal([now.Id], await ClaimAllAsync(queue.Store));
        await queue.ExecuteAsync("UPDATE jobs SET due_at = due_at - 3600000");
        Assert.Equal(later.Id, (await queue.Store.ClaimAsync(Requests.Claim("late")))!.Id);
        await Assert.ThrowsAsync<ArgumentException>(() => queue.Store.ClaimAsync(Requests.Claim() with { Kinds = [] }));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_slot_holds_one_job_at_a_time(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        for (int i = 0; i < 4; i++)
            await queue.Store.SubmitAsync(Requests.Steps);

        Job?[] sameSlot = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => queue.Store.ClaimAsync(Requests.Claim("node")))));
        Job held = Assert.Single(sameSlot, j => j is not null)!;
        Assert.NotNull(await queue.Store.ClaimAsync(Requests.Claim("node", slot: 1)));
        await queue.Store.CompleteAsync(held.Lease, "r");

        Assert.NotNull(await queue.Store.ClaimAsync(Requests.Claim("node")));
        Assert.Null(await queue.Store.ClaimAsync(Requests.Claim("node")));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task An_expired_lease_is_taken_back_and_its_holder_fenced_off(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job lost = await queue.Store.RunningAsync(lease: TimeSpan.FromMilliseconds(1));

        Job taken = await queue.Store.ClaimSoonAsync(Requests.Claim("next"));

        Assert.Equal(lost.Id, taken.Id);
        Assert.True(taken.Epoch > lost.Epoch);
        Assert.Equal((2, 1), (taken.Attempt, taken.FruitlessAttempts));
        Assert.Equal(FailureKind.LeaseExpired, taken.Failure!.Kind);
        LeaseId old = lost.Lease;
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.AppendEventsAsync(old, [new NewJobEvent("late", "late")]));
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.UpsertMetricsAsync(old, [new JobMetric("late", 1, 1)]));
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.RecordCheckpointAsync(old, 1, "late"));
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.CompleteAsync(old, "late"));
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.FailAsync(old, new JobFailure(FailureKind.UserError, "late")));
        await Assert.ThrowsAsync<LeaseLostException>(() => queue.Store.ReleaseAsync(old));
        Assert.False(queue.Store.Heartbeat(old, TimeSpan.FromMinutes(1)).Held);
        Assert.Equal(taken, await queue.Store.FindAsync(taken.Id));
        Assert.Empty(await queue.Store.ListMetricsAsync(taken.Id));
        Assert.Empty(await queue.Store.ListCheckpointsAsync(taken.Id));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_heartbeat_extends_the_lease_and_brings_requests(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.RunningAsync(lease: TimeSpan.FromMilliseconds(400));

        Assert.Equal(new HeartbeatReply(true, false, false), queue.Store.Heartbeat(job.Lease, TimeSpan.FromMinutes(1)));
        await Task.Delay(500);
        Assert.Equal(0, await queue.Store.ReclaimExpiredAsync());
        await queue.Store.PauseAsync(job.Id);
        Assert.Equal(new HeartbeatReply(true, false, true), queue.Store.Heartbeat(job.Lease, TimeSpan.FromMinutes(1)));
        await queue.Store.CancelAsync(job.Id);
        Assert.Equal(new HeartbeatReply(true, true, true), queue.Store.Heartbeat(job.Lease, TimeSpan.FromMinutes(1)));
    }

    private static async Task<List<long>> ClaimAllAsync(IJobStore store)
    {
        List<long> ids = [];
        while (await store.ClaimAsync(Requests.Claim("node", ids.Count)) is { } job)
            ids.Add(job.Id);
        return ids;
    }
}
