using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Inference.Jobs.Stores;

/// <summary>
/// The queue in SQL that PostgreSQL and SQLite share. A subclass knows its dialect, its connections and which errors pass by themselves.
/// </summary>
public abstract class SqlJobStore : IJobStore
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly SqlDialect _dialect;

    private protected SqlJobStore(SqlDialect dialect, JobStoreOptions options, TimeProvider time)
    {
        options.Check();
        (_dialect, Options, _time) = (dialect, options, time);
    }

    private protected JobStoreOptions Options { get; }

    private protected ChangeHints Hints { get; } = new();

    /// <inheritdoc/>
    public Task<Job> SubmitAsync(JobSubmission submission, CancellationToken cancellation = default)
    {
        submission.Check();
        string key = submission.SubmitKey ?? Guid.NewGuid().ToString("N");
        return WriteAsync(async session =>
        {
            DateTimeOffset now = await session.NowAsync(cancellation);
            if (await JobTable.InsertAsync(session, NewJob.From(submission, key, now, Options), now, cancellation) is { } added)
                return added;
            Job existing = (await JobTable.SelectAsync(session, "tenant = @tenant AND submit_key = @key", cancellation,
                ("tenant", submission.Tenant), ("key", key)))[0];
            return NewJob.IsSame(submission, existing) ? existing : throw new SubmitKeyConflictException(key, existing.Id);
        }, cancellation);
    }

    /// <inheritdoc/>
    public Task<Job?> FindAsync(long id, CancellationToken cancellation = default) => ReadAsync(
        async session => (await JobTable.SelectAsync(session, "id = @id", cancellation, ("id", id))).FirstOrDefault(), cancellation);

    /// <inheritdoc/>
    public Task<JobPage> ListAsync(JobFilter filter, CancellationToken cancellation = default)
    {
        if (filter.Limit is < 1 or > JobFilter.MaxLimit)
            throw new ArgumentException($"{nameof(filter.Limit)} is {filter.Limit}; it must lie between 1 and {JobFilter.MaxLimit}");
        List<string> conditions = ["TRUE"];
        List<(string, object?)> parameters = [("limit", filter.Limit + 1)];
        Add(filter.Tenant, "tenant = @tenant", "tenant");
        Add(filter.Kind, "kind = @kind", "kind");
        Add(filter.Before, "id < @before", "before");
        if (filter.States.Count > 0)
            conditions.Add($"state IN ({string.Join(", ", filter.States.Select(s => $"'{s.ToText()}'"))})");
        return ReadAsync(async session =>
        {
            List<Job> jobs = await JobTable.SelectAsync(
                session, $"{string.Join(" AND ", conditions)} ORDER BY id DESC LIMIT @limit", cancellation, [.. parameters]);
            return jobs.Count <= filter.Limit
                ? new JobPage(jobs, null)
                : new JobPage(jobs[..filter.Limit], jobs[filter.Limit - 1].Id);
        }, cancellation);

        void Add(object? value, string condition, string name)
        {
            if (value is null)
                return;
            conditions.Add(condition);
            parameters.Add((name, value));
        }
    }

    /// <inheritdoc/>
    public Task<Job> AcceptAsync(long id, CancellationToken cancellation = default) =>
        ChangeAsync(id, (job, now) => JobTransitions.Accept(job, now, Options), cancellation);

    /// <inheritdoc/>
    public Task<Job> RejectAsync(long id, string message, CancellationToken cancellation = default) =>
        ChangeAsync(id, (job, now) => JobTransitions.Reject(job, now, message), cancellation);

    /// <inheritdoc/>
    public Task<Job> CancelAsync(long id, CancellationToken cancellation = default) => ChangeAsync(id, JobTransitions.Cancel, cancellation);

    /// <inheritdoc/>
    public Task<Job> PauseAsync(long id, CancellationToken cancellation = default) =>
        ChangeAsync(id, (job, _) => JobTransitions.Pause(job), cancellation);

    /// <inheritdoc/>
    public Task<Job> ResumeAsync(long id, CancellationToken cancellation = default) =>
        ChangeAsync(id, (job, now) => JobTransitions.Resume(job, now, Options), cancellation);

    /// <inheritdoc/>
    public Task<Job> RetryAsync(long id, CancellationToken cancellation = default) =>
        ChangeAsync(id, (job, now) => JobTransitions.Retry(job, now, Options), cancellation);

    /// <inheritdoc/>
    public Task<Job?> ClaimAsync(ClaimRequest request, CancellationToken cancellation = default) =>
        new JobClaim(request).RunAsync(ReadAsync, WriteAsync, ReclaimExpiredAsync, cancellation);

    /// <inheritdoc/>
    public Task<int> ReclaimExpiredAsync(CancellationToken cancellation = default) => WriteAsync(async session =>
    {
        List<(Job Job, DateTimeOffset Now)> expired = await JobTable.LockAsync(
            session, $"{JobClaim.Expired(session)} ORDER BY id LIMIT 100", session.Dialect.SkipLocked, cancellation);
        foreach ((Job job, DateTimeOffset now) in expired)
            await JobTable.SaveAsync(session, job, JobTransitions.Expire(job, now, Options), now, cancellation);
        return expired.Count;
    }, cancellation);

    /// <inheritdoc/>
    public HeartbeatReply Heartbeat(LeaseId lease, TimeSpan extension)
    {
        using DbConnection connection = OpenForHeartbeat();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = $"""
            UPDATE jobs SET lease_until = {_dialect.Now} + {(long)extension.TotalMilliseconds}
            WHERE id = {lease.JobId} AND epoch = {lease.Epoch} AND state = 'running' RETURNING cancel_requested, pause_requested
            """;
        using DbDataReader reader = command.ExecuteReader();
        return reader.Read() ? new HeartbeatReply(true, reader.GetBoolean(0), reader.GetBoolean(1)) : default;
    }

    /// <inheritdoc/>
    public Task AppendEventsAsync(LeaseId lease, IReadOnlyList<NewJobEvent> events, CancellationToken cancellation = default)
    {
        foreach (NewJobEvent e in events)
            JobSubmission.CheckJson($"data of event '{e.Kind}'", e.Data);
        string batch = Guid.NewGuid().ToString("N");
        return WriteAsync(async session =>
        {
            if (events.Count == 0 || (session.IsRepeat && await EventTable.HasBatchAsync(session, lease.JobId, batch, cancellation)))
                return true;
            (Job job, DateTimeOffset now) = await HeldAsync(session, lease, cancellation);
            foreach (Statement insert in EventTable.Insert(job.Id, job.LastEvent + 1, events, now, batch))
                await session.ExecuteAsync([insert], cancellation);
            Statement update = new("UPDATE jobs SET last_event = @last WHERE id = @id", ("last", job.LastEvent + events.Count), ("id", job.Id));
            await session.ExecuteAsync([update, .. session.Notify(new JobHint(job.Id, HintKind.Event))], cancellation);
            return true;
        }, cancellation);
    }

    /// <inheritdoc/>
    public Task UpsertMetricsAsync(LeaseId lease, IReadOnlyList<JobMetric> metrics, CancellationToken cancellation = default)
    {
        foreach (JobMetric metric in metrics)
        {
            if (!double.IsFinite(metric.Value))
                throw new ArgumentException($"metric {metric.Key} at step {metric.Step} is {metric.Value}; it must be finite");
        }

        return WriteAsync(async session =>
        {
            await HeldAsync(session, lease, cancellation);
            await EventTable.UpsertMetricsAsync(session, lease.JobId, metrics, cancellation);
            return true;
        }, cancellation);
    }

    /// <inheritdoc/>
    public Task RecordCheckpointAsync(
        LeaseId lease, long step, string location, string data = "{}", CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        JobSubmission.CheckJson("checkpoint data", data);
        return WriteAsync(async session =>
        {
            (Job job, DateTimeOffset now) = await HeldAsync(session, lease, cancellation);
            if (session.IsRepeat && (await EventTable.CheckpointsAsync(session, job.Id, cancellation))
                .Any(c => c.Step == step && c.Location == location && c.Epoch == lease.Epoch))
            {
                return true;
            }

            await EventTable.UpsertCheckpointAsync(session, job.Id, new JobCheckpoint(step, location, data, lease.Epoch, now), cancellation);
            Job after = step > job.Progress ? job with { Progress = step, FruitlessAttempts = 0 } : job;
            await JobTable.SaveAsync(session, job, after, now, cancellation, new NewJobEvent("checkpoint", $"checkpoint of step {step}", data));
            return true;
        }, cancellation);
    }

    /// <inheritdoc/>
    public Task DeleteCheckpointAsync(LeaseId lease, long step, CancellationToken cancellation = default) => WriteAsync(async session =>
    {
        await HeldAsync(session, lease, cancellation);
        await EventTable.DeleteCheckpointAsync(session, lease.JobId, step, cancellation);
        return true;
    }, cancellation);

    /// <inheritdoc/>
    public Task<Job> CompleteAsync(LeaseId lease, string result, CancellationToken cancellation = default) =>
        EndAttemptAsync(lease, (job, now) => JobTransitions.Complete(job, now, result), cancellation);

    /// <inheritdoc/>
    public Task<Job> FailAsync(LeaseId lease, JobFailure failure, CancellationToken cancellation = default) =>
        EndAttemptAsync(lease, (job, now) => JobTransitions.Fail(job, now, failure, Options), cancellation);

    /// <inheritdoc/>
    public Task<Job> ReleaseAsync(LeaseId lease, CancellationToken cancellation = default) =>
        EndAttemptAsync(lease, JobTransitions.Release, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobEvent>> ListEventsAsync(
        long id, long after = 0, int limit = 500, CancellationToken cancellation = default) =>
        await ReadAsync(session => EventTable.EventsAsync(session, id, after, limit, cancellation), cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<JobEvent> WatchAsync(
        long id, long after = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            Task hint = NextJobHint(id);
            Job job = await FindAsync(id, cancellation) ?? throw new JobNotFoundException(id);
            foreach (JobEvent e in job.LastEvent > after ? await ListEventsAsync(id, after, cancellation: cancellation) : [])
            {
                yield return e;
                after = e.Sequence;
            }

            if (job.LastEvent > after)
                continue;
            if (job.State.IsTerminal())
                yield break;
            await Task.WhenAny(hint, Task.Delay(Options.PollInterval, _time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobMetric>> ListMetricsAsync(long id, long fromStep = 0, CancellationToken cancellation = default) =>
        await ReadAsync(session => EventTable.MetricsAsync(session, id, fromStep, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobCheckpoint>> ListCheckpointsAsync(long id, CancellationToken cancellation = default) =>
        await ReadAsync(session => EventTable.CheckpointsAsync(session, id, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Job>> ListEndedAsync(TimeSpan age, int limit = 100, CancellationToken cancellation = default) =>
        await ReadAsync(session => JobTable.SelectAsync(
            session, $"ended_at <= {_dialect.Now} - @age ORDER BY ended_at, id LIMIT @limit", cancellation,
            ("age", (long)age.TotalMilliseconds), ("limit", limit)), cancellation);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellation = default) => WriteAsync(async session =>
        await session.ExecuteAsync("DELETE FROM jobs WHERE id = @id AND ended_at IS NOT NULL", cancellation, ("id", id)) > 0, cancellation);

    /// <inheritdoc/>
    public Task<JobSchedule> SaveScheduleAsync(NewJobSchedule schedule, CancellationToken cancellation = default)
    {
        schedule.Check();
        return WriteAsync(session => ScheduleTable.SaveAsync(session, schedule, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteScheduleAsync(string tenant, string name, CancellationToken cancellation = default) =>
        WriteAsync(session => ScheduleTable.DeleteAsync(session, tenant, name, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobSchedule>> ListSchedulesAsync(string? tenant = null, CancellationToken cancellation = default) =>
        await ReadAsync(session => ScheduleTable.ListAsync(session, tenant, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<int> SubmitDueSchedulesAsync(CancellationToken cancellation = default) =>
        await ReadAsync(session => ScheduleTable.AnyDueAsync(session, cancellation), cancellation)
            ? await WriteAsync(session => ScheduleTable.SubmitDueAsync(session, Options, cancellation), cancellation)
            : 0;

    /// <inheritdoc/>
    public Task NextWorkHint() => Hints.NextWork();

    /// <inheritdoc/>
    public Task NextJobHint(long id) => Hints.NextJob(id);

    /// <inheritdoc/>
    public Task NextRequestHint(long id) => Hints.NextRequest(id);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    private protected abstract Task<DbConnection> OpenAsync(CancellationToken cancellation);

    private protected abstract DbConnection OpenForHeartbeat();

    private protected abstract Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellation);

    private protected abstract bool IsTransient(DbException exception);

    private protected Task MigrateAsync(CancellationToken cancellation) => WriteAsync(
        async session =>
        {
            await Migrator.MigrateAsync(session, cancellation);
            return true;
        },
        cancellation);

    private static async Task<(Job Job, DateTimeOffset Now)> HeldAsync(SqlSession session, LeaseId lease, CancellationToken cancellation) =>
        await JobTable.LockAsync(session, lease.JobId, cancellation) is { } row
        && row.Job.Epoch == lease.Epoch && row.Job.State == JobState.Running
            ? row
            : throw new LeaseLostException(lease);

    private Task<Job> ChangeAsync(long id, Func<Job, DateTimeOffset, Job> change, CancellationToken cancellation) => WriteAsync(async session =>
    {
        (Job job, DateTimeOffset now) = await JobTable.LockAsync(session, id, cancellation) ?? throw new JobNotFoundException(id);
        return await JobTable.SaveAsync(session, job, change(job, now), now, cancellation);
    }, cancellation);

    /// <summary>
    /// Whoever else ends an attempt raises the epoch. So a job that no longer runs, at the lease's own epoch, was ended through this
    /// lease, by a call whose answer was lost.
    /// </summary>
    private Task<Job> EndAttemptAsync(LeaseId lease, Func<Job, DateTimeOffset, Job> change, CancellationToken cancellation) =>
        WriteAsync(async session =>
        {
            if (await JobTable.LockAsync(session, lease.JobId, cancellation) is not { } row || row.Job.Epoch != lease.Epoch)
                throw new LeaseLostException(lease);
            return row.Job.State == JobState.Running
                ? await JobTable.SaveAsync(session, row.Job, change(row.Job, row.Now), row.Now, cancellation)
                : row.Job;
        }, cancellation);

    private Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> read, CancellationToken cancellation) => RepeatAsync(async isRepeat =>
    {
        await using DbConnection connection = await OpenAsync(cancellation);
        return await read(new SqlSession(connection, null, _dialect, isRepeat));
    }, cancellation);

    private Task<T> WriteAsync<T>(Func<SqlSession, Task<T>> write, CancellationToken cancellation) => RepeatAsync(async isRepeat =>
    {
        await using DbConnection connection = await OpenAsync(cancellation);
        await using DbTransaction transaction = await BeginAsync(connection, cancellation);
        SqlSession session = new(connection, transaction, _dialect, isRepeat);
        T result = await write(session);
        await transaction.CommitAsync(cancellation);
        foreach (JobHint hint in session.Hints)
            Hints.Pulse(hint);
        return result;
    }, cancellation);

    private async Task<T> RepeatAsync<T>(Func<bool, Task<T>> operation, CancellationToken cancellation)
    {
        long start = _time.GetTimestamp();
        for (TimeSpan pause = FirstRetry; ; pause = pause * 2 < LastRetry ? pause * 2 : LastRetry)
        {
            try
            {
                return await operation(pause > FirstRetry);
            }
            catch (DbException e) when (IsTransient(e) && _time.GetElapsedTime(start) + pause < Options.RetryFor)
            {
                await Task.Delay(pause, _time, cancellation);
            }
        }
    }
}
