namespace Inference.Jobs.Stores;

/// <summary>One claim: looks whether there is anything, takes back what has expired, then locks the slot and the most urgent job.</summary>
internal sealed class JobClaim
{
    private readonly ClaimRequest _request;
    private readonly string _token = Guid.NewGuid().ToString("N");
    private readonly string _kinds;
    private readonly (string, object?)[] _parameters;

    public JobClaim(ClaimRequest request)
    {
        if (request.Kinds.Count == 0)
            throw new ArgumentException($"{nameof(request.Kinds)} is empty; a worker runs at least one kind of job");
        if (request.Worker.Length is 0 or > JobSubmission.MaxNameLength || request.Node.Length is 0 or > JobSubmission.MaxNameLength)
            throw new ArgumentException($"{nameof(request.Worker)} and {nameof(request.Node)} need 1 to {JobSubmission.MaxNameLength} characters");
        if (request.Lease < TimeSpan.FromMilliseconds(1))
            throw new ArgumentException($"{nameof(request.Lease)} is {request.Lease}; it must be at least a millisecond");
        _request = request;
        _kinds = string.Join(", ", request.Kinds.Select((_, i) => $"@kind{i}"));
        _parameters = [("slot_kind", request.SlotKind), .. request.Kinds.Select((k, i) => ($"kind{i}", (object?)k))];
    }

    /// <summary>A way to run an operation on a session.</summary>
    public delegate Task<T> Runner<T>(Func<SqlSession, Task<T>> operation, CancellationToken cancellation);

    /// <summary>Condition of a lease that has expired.</summary>
    public static string Expired(SqlSession session) => $"state = 'running' AND lease_until < {session.Dialect.Now}";

    public async Task<Job?> RunAsync(
        Runner<(bool Waiting, bool Expired)> read, Runner<Job?> write, Func<CancellationToken, Task<int>> reclaim, CancellationToken cancellation)
    {
        (bool waiting, bool expired) = await read(session => LookAsync(session, cancellation), cancellation);
        if (expired)
            await reclaim(cancellation);
        return waiting || expired ? await write(session => TakeAsync(session, cancellation), cancellation) : null;
    }

    /// <summary>Locks nothing, so that idle workers disturb nobody.</summary>
    private async Task<(bool Waiting, bool Expired)> LookAsync(SqlSession session, CancellationToken cancellation) =>
        (await session.QueryAsync(
            $"""
            SELECT EXISTS (SELECT 1 FROM jobs WHERE {Waiting(session)}), EXISTS (SELECT 1 FROM jobs WHERE {Expired(session)})
            """,
            r => (r.GetBoolean(0), r.GetBoolean(1)), cancellation, _parameters))[0];

    private async Task<Job?> TakeAsync(SqlSession session, CancellationToken cancellation)
    {
        if (session.IsRepeat && await JobTable.SelectAsync(
            session, "state = 'running' AND claim_token = @token", cancellation, ("token", _token)) is [Job taken])
        {
            return taken;
        }

        (string, object?)[] slot = [("node", _request.Node), ("slot_kind", _request.SlotKind), ("slot", _request.Slot)];
        if (!await LockFreeSlotAsync(session, slot, cancellation))
            return null;
        if (await JobTable.LockAsync(session, $"{Waiting(session)} ORDER BY rank, id LIMIT 1", session.Dialect.SkipLocked, cancellation, _parameters)
            is not [(Job job, DateTimeOffset now)])
        {
            return null;
        }

        Job claimed = await JobTable.SaveAsync(session, job, JobTransitions.Claim(job, now, _request, _token), now, cancellation);
        await session.ExecuteAsync(
            "UPDATE job_slots SET job_id = @job, epoch = @epoch WHERE node = @node AND slot_kind = @slot_kind AND slot = @slot", cancellation,
            [("job", claimed.Id), ("epoch", claimed.Epoch), .. slot]);
        return claimed;
    }

    /// <summary>
    /// A slot is taken while its job runs at the epoch it was claimed with, so nobody has to free it. An expired lease frees it only
    /// once it is taken back: until then its holder may still extend it.
    /// </summary>
    private static async Task<bool> LockFreeSlotAsync(SqlSession session, (string, object?)[] slot, CancellationToken cancellation)
    {
        await session.ExecuteAsync(
            "INSERT INTO job_slots (node, slot_kind, slot) VALUES (@node, @slot_kind, @slot) ON CONFLICT DO NOTHING", cancellation, slot);
        (long? job, long? epoch) = (await session.QueryAsync(
            $"SELECT job_id, epoch FROM job_slots WHERE node = @node AND slot_kind = @slot_kind AND slot = @slot{session.Dialect.ForUpdate}",
            r => (r.LongOrNull("job_id"), r.LongOrNull("epoch")), cancellation, slot))[0];
        return job is null || !await session.ExistsAsync(
            "SELECT 1 FROM jobs WHERE id = @job AND epoch = @epoch AND state = 'running'", cancellation, ("job", job), ("epoch", epoch));
    }

    private string Waiting(SqlSession session) =>
        $"state = 'queued' AND slot_kind = @slot_kind AND kind IN ({_kinds}) AND due_at <= {session.Dialect.Now}";
}
