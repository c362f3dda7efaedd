namespace Inference.Jobs.Tests;

/// <summary>Submitting, finding, listing.</summary>
public class SubmissionTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_submitted_job_is_found_as_it_was_submitted(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        JobSubmission submission = new()
        {
            Kind = "steps",
            Tenant = "t1",
            Payload = """{"text": "ä € 😀"}""",
            SubmitKey = "k1",
            Priority = -3,
            SlotKind = "gpu",
            DueAt = DateTimeOffset.UnixEpoch.AddYears(100),
        };

        Job submitted = await queue.Store.SubmitAsync(submission);
        Job? found = await queue.Store.FindAsync(submitted.Id);

        Assert.Equal(submitted, found);
        Assert.Equal(JobState.Queued, found!.State);
        Assert.Equal(submission.DueAt, found.DueAt);
        Assert.Equal(
            (submission.Kind, submission.Tenant, submission.Payload, submission.SubmitKey, submission.Priority, submission.SlotKind),
            (found.Kind, found.Tenant, found.Payload, found.SubmitKey, found.Priority, found.SlotKind));
        Assert.Equal((0L, 0, 1L), (found.Epoch, found.Attempt, found.LastEvent));
        Assert.Null(await queue.Store.FindAsync(submitted.Id + 1));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_same_key_gives_the_same_job_even_at_the_same_moment(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        JobSubmission submission = Requests.Steps with { SubmitKey = "once" };

        Job[] jobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => queue.Store.SubmitAsync(submission))));
        Job other = await queue.Store.SubmitAsync(submission with { Tenant = "somebody else" });

        Assert.Single(jobs.Select(j => j.Id).Distinct());
        Assert.NotEqual(jobs[0].Id, other.Id);
        Assert.Equal(2, (await queue.Store.ListAsync(new JobFilter())).Jobs.Count);
        SubmitKeyConflictException conflict = await Assert.ThrowsAsync<SubmitKeyConflictException>(
            () => queue.Store.SubmitAsync(submission with { Payload = "[]" }));
        Assert.Equal(jobs[0].Id, conflict.ExistingId);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_is_out_of_limits_is_refused_by_name(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        (string Field, JobSubmission Submission)[] wrong =
        [
            ("Kind", Requests.Steps with { Kind = "" }),
            ("Tenant", Requests.Steps with { Tenant = new string('t', 201) }),
            ("SubmitKey", Requests.Steps with { SubmitKey = "a\0b" }),
            ("Priority", Requests.Steps with { Priority = 1_001 }),
            ("Payload", Requests.Steps with { Payload = "{" }),
            ("Payload", Requests.Steps with { Payload = $"\"{new string('x', 1 << 20)}\"" }),
        ];

        foreach ((string field, JobSubmission submission) in wrong)
        {
            ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => queue.Store.SubmitAsync(submission));
            Assert.StartsWith(field, e.Message);
        }

        Assert.Empty((await queue.Store.ListAsync(new JobFilter())).Jobs);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_list_has_pages_and_filters(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        List<long> ids = [];
        for (int i = 0; i < 7; i++)
            ids.Add((await queue.Store.SubmitAsync(Requests.Steps with { Tenant = i % 2 == 0 ? "even" : "odd" })).Id);
        await queue.Store.CancelAsync(ids[0]);

        List<long> paged = [];
        long? before = null;
        do
        {
            JobPage page = await queue.Store.ListAsync(new JobFilter { Limit = 3, Before = before });
            Assert.InRange(page.Jobs.Count, 1, 3);
            paged.AddRange(page.Jobs.Select(j => j.Id));
            before = page.Next;
        }
        while (before is not null);

        Assert.Equal(ids.AsEnumerable().Reverse(), paged);
        Assert.Equal(3, (await queue.Store.ListAsync(new JobFilter { Tenant = "odd" })).Jobs.Count);
        Assert.Equal([ids[0]], (await queue.Store.ListAsync(new JobFilter { States = [JobState.Cancelled, JobState.Dead] })).Jobs.Select(j => j.Id));
        Assert.Empty((await queue.Store.ListAsync(new JobFilter { Kind = "unknown" })).Jobs);
        await Assert.ThrowsAsync<ArgumentException>(() => queue.Store.ListAsync(new JobFilter { Limit = 1_001 }));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_job_under_validation_runs_only_once_accepted(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job good = await queue.Store.SubmitAsync(Requests.Steps with { NeedsValidation = true });
        Job bad = await queue.Store.SubmitAsync(Requests.Steps with { NeedsValidation = true });

        Assert.Null(await queue.Store.ClaimAsync(Requests.Claim()));
        await queue.Store.AcceptAsync(good.Id);
        Job rejected = await queue.Store.RejectAsync(bad.Id, "line 7 is no JSON\0");

        Assert.Equal(JobState.Failed, rejected.State);
        Assert.Equal(new JobFailure(FailureKind.UserError, "line 7 is no JSON\uFFFD"), rejected.Failure);
        Assert.Equal(rejected, await queue.Store.FindAsync(bad.Id));
        Assert.Equal(good.Id, (await queue.Store.ClaimAsync(Requests.Claim()))!.Id);
        Assert.Equal(JobState.Running, (await queue.Store.AcceptAsync(good.Id)).State);
        Assert.Equal(rejected, await queue.Store.RejectAsync(bad.Id, "again"));
        await Assert.ThrowsAsync<JobStateException>(() => queue.Store.AcceptAsync(bad.Id));
        await Assert.ThrowsAsync<JobStateException>(() => queue.Store.RejectAsync(good.Id, "late"));
    }
}
