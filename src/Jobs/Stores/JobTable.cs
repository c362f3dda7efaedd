using System.Data.Common;

namespace Inference.Jobs.Stores;

/// <summary>Rows of jobs. A change of a job is: lock its row, let <see cref="JobTransitions"/> decide, write the row and its event.</summary>
internal static class JobTable
{
    private static readonly string[] Inserted =
        ["tenant", "submit_key", "kind", "payload", "priority", "slot_kind", "created_at"];

    private static readonly string[] Updated =
    [
        "state", "cancel_requested", "pause_requested", "epoch", "attempt", "fruitless_attempts", "memory_reductions", "progress", "rank",
        "due_at", "lease_until", "worker", "node", "slot", "claim_token", "result", "failure_kind", "failure_message", "started_at",
        "ended_at", "last_event",
    ];

    private static readonly string InsertSql = $"""
        INSERT INTO jobs ({string.Join(", ", Inserted.Concat(Updated))}) VALUES (@{string.Join(", @", Inserted.Concat(Updated))})
        ON CONFLICT (tenant, submit_key) DO NOTHING RETURNING id
        """;

    private static readonly string UpdateSql =
        $"UPDATE jobs SET {string.Join(", ", Updated.Select(c => $"{c} = @{c}"))} WHERE id = @id";

    /// <summary>Adds a job and its first event; null if its submit key is taken.</summary>
    public static async Task<Job?> InsertAsync(SqlSession session, Job job, DateTimeOffset now, CancellationToken cancellation)
    {
        job = job with { LastEvent = 1 };
        List<long> id = await session.QueryAsync(InsertSql, r => r.GetInt64(0), cancellation, [.. Fixed(job), .. Changing(job)]);
        if (id.Count == 0)
            return null;
        job = job with { Id = id[0] };
        await session.ExecuteAsync(
            [.. EventTable.Insert(job.Id, 1, [JobChange.Describe(null, job)!], now, null), .. session.Notify(new JobHint(job.Id, HintKind.Work))],
            cancellation);
        return job;
    }

    /// <summary>Jobs that fulfil a condition, with what stands behind it.</summary>
    public static Task<List<Job>> SelectAsync(
        SqlSession session, string condition, CancellationToken cancellation, params (string Name, object? Value)[] parameters) =>
        session.QueryAsync($"SELECT * FROM jobs WHERE {condition}", Read, cancellation, parameters);

    /// <summary>Jobs that fulfil a condition, locked, with the time.</summary>
    public static Task<List<(Job Job, DateTimeOffset Now)>> LockAsync(
        SqlSession session, string condition, string @lock, CancellationToken cancellation, params (string Name, object? Value)[] parameters) =>
        session.QueryAsync(
            $"SELECT {session.Dialect.Now} AS now_ms, jobs.* FROM jobs WHERE {condition}{@lock}",
            r => (Read(r), r.Time("now_ms")), cancellation, parameters);

    /// <summary>One job, locked, with the time; null if there is none.</summary>
    public static async Task<(Job Job, DateTimeOffset Now)?> LockAsync(SqlSession session, long id, CancellationToken cancellation)
    {
        List<(Job Job, DateTimeOffset Now)> rows = await LockAsync(session, "id = @id", session.Dialect.ForUpdate, cancellation, ("id", id));
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Writes a locked job's new state, with the event that tells of it and further ones. Nothing, if nothing has changed.</summary>
    /// <returns>The job as written.</returns>
    public static async Task<Job> SaveAsync(
        SqlSession session, Job before, Job after, DateTimeOffset now, CancellationToken cancellation, params NewJobEvent[] events)
    {
        if (JobChange.Describe(before, after) is { } change)
            events = [change, .. events];
        if (after == before && events.Length == 0)
            return before;
        after = after with { LastEvent = before.LastEvent + events.Length };
        await session.ExecuteAsync(
            [
                new Statement(UpdateSql, [("id", after.Id), .. Changing(after)]),
                .. EventTable.Insert(after.Id, before.LastEvent + 1, events, now, null),
                .. session.Notify(new JobHint(after.Id, KindOf(before, after))),
            ],
            cancellation);
        return after;
    }

    private static HintKind KindOf(Job before, Job after)
    {
        if (before.State != after.State)
            return after.State == JobState.Running ? HintKind.Event : HintKind.Work;
        return (before.CancelRequested, before.PauseRequested) == (after.CancelRequested, after.PauseRequested)
            ? HintKind.Event : HintKind.Request;
    }

    private static Job Read(DbDataReader row) => new()
    {
        Id = row.Long("id"),
        Tenant = row.Text("tenant"),
        SubmitKey = row.Text("submit_key"),
        Kind = row.Text("kind"),
        Payload = row.Text("payload"),
        Priority = row.Int("priority"),
        SlotKind = row.Text("slot_kind"),
        State = JobTexts.ParseState(row.Text("state")),
        CancelRequested = row.Bool("cancel_requested"),
        PauseRequested = row.Bool("pause_requested"),
        Epoch = row.Long("epoch"),
        Attempt = row.Int("attempt"),
        FruitlessAttempts = row.Int("fruitless_attempts"),
        MemoryReductions = row.Int("memory_reductions"),
        Progress = row.Long("progress"),
        Rank = row.Long("rank"),
        DueAt = row.Time("due_at"),
        LeaseUntil = row.TimeOrNull("lease_until"),
        Worker = row.TextOrNull("worker"),
        Node = row.TextOrNull("node"),
        Slot = (int?)row.LongOrNull("slot"),
        ClaimToken = row.TextOrNull("claim_token"),
        Result = row.TextOrNull("result"),
        Failure = row.TextOrNull("failure_kind") is { } kind
            ? new JobFailure(JobTexts.ParseFailureKind(kind), row.Text("failure_message")) : null,
        CreatedAt = row.Time("created_at"),
        StartedAt = row.TimeOrNull("started_at"),
        EndedAt = row.TimeOrNull("ended_at"),
        LastEvent = row.Long("last_event"),
    };

    private static (string Name, object? Value)[] Fixed(Job job) =>
    [
        ("tenant", job.Tenant), ("submit_key", job.SubmitKey), ("kind", job.Kind), ("payload", job.Payload), ("priority", job.Priority),
        ("slot_kind", job.SlotKind), ("created_at", job.CreatedAt.ToUnixTimeMilliseconds()),
    ];

    private static (string Name, object? Value)[] Changing(Job job) =>
    [
        ("state", job.State.ToText()), ("cancel_requested", job.CancelRequested), ("pause_requested", job.PauseRequested),
        ("epoch", job.Epoch), ("attempt", job.Attempt), ("fruitless_attempts", job.FruitlessAttempts),
        ("memory_reductions", job.MemoryReductions), ("progress", job.Progress), ("rank", job.Rank),
        ("due_at", job.DueAt.ToUnixTimeMilliseconds()), ("lease_until", job.LeaseUntil?.ToUnixTimeMilliseconds()),
        ("worker", job.Worker), ("node", job.Node), ("slot", job.Slot), ("claim_token", job.ClaimToken), ("result", job.Result),
        ("failure_kind", job.Failure?.Kind.ToText()), ("failure_message", job.Failure?.Message),
        ("started_at", job.StartedAt?.ToUnixTimeMilliseconds()), ("ended_at", job.EndedAt?.ToUnixTimeMilliseconds()),
        ("last_event", job.LastEvent),
    ];
}
