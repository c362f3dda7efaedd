using System.Data.Common;
using System.Globalization;

namespace Inference.Jobs.Stores;

/// <summary>Rows of recurring jobs.</summary>
internal static class ScheduleTable
{
    public static async Task<JobSchedule> SaveAsync(SqlSession session, NewJobSchedule schedule, CancellationToken cancellation)
    {
        DateTimeOffset now = await session.NowAsync(cancellation);
        JobSubmission what = schedule.Submission;
        return (await session.QueryAsync(
            """
            INSERT INTO job_schedules (tenant, name, cron, kind, payload, priority, slot_kind, next_due)
            VALUES (@tenant, @name, @cron, @kind, @payload, @priority, @slot_kind, @next_due)
            ON CONFLICT (tenant, name) DO UPDATE SET cron = excluded.cron, kind = excluded.kind, payload = excluded.payload,
              priority = excluded.priority, slot_kind = excluded.slot_kind, next_due = excluded.next_due
            RETURNING *
            """,
            Read, cancellation,
            ("tenant", what.Tenant), ("name", schedule.Name), ("cron", schedule.Cron), ("kind", what.Kind), ("payload", what.Payload),
            ("priority", what.Priority), ("slot_kind", what.SlotKind), ("next_due", Next(schedule.Cron, now))))[0];
    }

    public static async Task<bool> DeleteAsync(SqlSession session, string tenant, string name, CancellationToken cancellation) =>
        await session.ExecuteAsync(
            "DELETE FROM job_schedules WHERE tenant = @tenant AND name = @name", cancellation, ("tenant", tenant), ("name", name)) > 0;

    public static Task<List<JobSchedule>> ListAsync(SqlSession session, string? tenant, CancellationToken cancellation) => tenant is null
        ? session.QueryAsync("SELECT * FROM job_schedules ORDER BY tenant, name", Read, cancellation)
        : session.QueryAsync("SELECT * FROM job_schedules WHERE tenant = @tenant ORDER BY name", Read, cancellation, ("tenant", tenant));

    public static Task<bool> AnyDueAsync(SqlSession session, CancellationToken cancellation) =>
        session.ExistsAsync($"SELECT 1 FROM job_schedules WHERE next_due <= {session.Dialect.Now} LIMIT 1", cancellation);

    /// <summary>Submits what is due and sets the next dates, in the same transaction.</summary>
    public static async Task<int> SubmitDueAsync(SqlSession session, JobStoreOptions options, CancellationToken cancellation)
    {
        DateTimeOffset now = await session.NowAsync(cancellation);
        List<JobSchedule> due = await session.QueryAsync(
            $"SELECT * FROM job_schedules WHERE next_due <= @now ORDER BY tenant, name{session.Dialect.SkipLocked}", Read, cancellation,
            ("now", now.ToUnixTimeMilliseconds()));
        int submitted = 0;
        foreach (JobSchedule schedule in due)
        {
            Job? job = null;
            if (!await IsUnfinishedAsync(session, schedule.LastJobId, cancellation))
            {
                string when = schedule.NextDue!.Value.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
                job = await JobTable.InsertAsync(
                    session, NewJob.From(schedule.Submission, $"schedule:{schedule.Name}:{when}", now, options), now, cancellation);
            }

            submitted += job is null ? 0 : 1;
            await session.ExecuteAsync(
                "UPDATE job_schedules SET next_due = @next, last_job_id = @job WHERE tenant = @tenant AND name = @name", cancellation,
                ("next", Next(schedule.Cron, now)), ("job", job?.Id ?? schedule.LastJobId), ("tenant", schedule.Submission.Tenant),
                ("name", schedule.Name));
        }

        return submitted;
    }

    private static Task<bool> IsUnfinishedAsync(SqlSession session, long? jobId, CancellationToken cancellation) => jobId is null
        ? Task.FromResult(false)
        : session.ExistsAsync(
            "SELECT 1 FROM jobs WHERE id = @id AND state IN ('validating', 'queued', 'running', 'paused')", cancellation, ("id", jobId));

    private static long? Next(string cron, DateTimeOffset now) => CronExpression.Parse(cron).Next(now)?.ToUnixTimeMilliseconds();

    private static JobSchedule Read(DbDataReader row) => new(
        row.Text("name"),
        row.Text("cron"),
        new JobSubmission
        {
            Kind = row.Text("kind"),
            Tenant = row.Text("tenant"),
            Payload = row.Text("payload"),
            Priority = row.Int("priority"),
            SlotKind = row.Text("slot_kind"),
        },
        row.TimeOrNull("next_due"),
        row.LongOrNull("last_job_id"));
}
