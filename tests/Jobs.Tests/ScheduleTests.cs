namespace Inference.Jobs.Tests;

public class ScheduleTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_due_schedule_submits_one_job_however_many_look(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        IJobStore other = await queue.OpenAsync();
        JobSchedule saved = await queue.Store.SaveScheduleAsync(new NewJobSchedule("nightly", "30 2 * * *", Requests.Steps with { Priority = 4 }));
        Assert.Equal(0, await queue.Store.SubmitDueSchedulesAsync());
        await queue.ExecuteAsync("UPDATE job_schedules SET next_due = next_due - 5 * 86400000");

        int[] submitted = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? queue.Store : other).SubmitDueSchedulesAsync())));

        Assert.Equal(1, submitted.Sum());
        Job job = Assert.Single((await queue.Store.ListAsync(new JobFilter())).Jobs);
        Assert.Equal((JobState.Queued, 4, Requests.Steps.Payload), (job.State, job.Priority, job.Payload));
        JobSchedule after = Assert.Single(await queue.Store.ListSchedulesAsync());
        Assert.Equal((saved.NextDue, (long?)job.Id), (after.NextDue, after.LastJobId));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task An_occurrence_is_left_out_while_the_job_before_runs(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        await queue.Store.SaveScheduleAsync(new NewJobSchedule("often", "* * * * *", Requests.Steps));
        await DueAsync(queue, 2);
        Assert.Equal(1, await queue.Store.SubmitDueSchedulesAsync());
        await DueAsync(queue, 3);
        Assert.Equal(0, await queue.Store.SubmitDueSchedulesAsync());
        await queue.Store.CancelAsync((await queue.Store.ListAsync(new JobFilter())).Jobs[0].Id);
        await DueAsync(queue, 4);

        Assert.Equal(1, await queue.Store.SubmitDueSchedulesAsync());
        Assert.Equal(2, (await queue.Store.ListAsync(new JobFilter())).Jobs.Count);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Schedules_are_replaced_and_removed_by_name(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        await queue.Store.SaveScheduleAsync(new NewJobSchedule("a", "0 1 * * *", Requests.Steps with { Tenant = "t" }));
        await queue.Store.SaveScheduleAsync(new NewJobSchedule("a", "0 1 * * *", Requests.Steps));
        await queue.Store.SaveScheduleAsync(new NewJobSchedule("a", "0 2 31 2 *", Requests.Steps with { Tenant = "t" }));

        JobSchedule schedule = Assert.Single(await queue.Store.ListSchedulesAsync("t"));
        Assert.Equal(("0 2 31 2 *", null), (schedule.Cron, schedule.NextDue));
        Assert.True(await queue.Store.DeleteScheduleAsync("t", "a"));
        Assert.False(await queue.Store.DeleteScheduleAsync("t", "a"));
        Assert.Single(await queue.Store.ListSchedulesAsync());
        await Assert.ThrowsAsync<FormatException>(() => queue.Store.SaveScheduleAsync(new NewJobSchedule("b", "never", Requests.Steps)));
        await Assert.ThrowsAsync<ArgumentException>(() => queue.Store.SaveScheduleAsync(new NewJobSchedule("", "* * * * *", Requests.Steps)));
    }

    private static Task DueAsync(TestQueue queue, int minutesAgo) =>
        queue.ExecuteAsync($"UPDATE job_schedules SET next_due = next_due - {(minutesAgo + 1) * 60_000}");
}
