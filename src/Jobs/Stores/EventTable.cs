using System.Globalization;
using System.Text;

namespace Inference.Jobs.Stores;

/// <summary>Rows of events, metrics and checkpoints.</summary>
internal static class EventTable
{
    /// <summary>Rows in one statement: far below any database's limit of parameters.</summary>
    private const int RowsAtOnce = 100;

    /// <summary>Statements that add events, numbered from a first one on.</summary>
    public static IEnumerable<Statement> Insert(
        long jobId, long firstSequence, IReadOnlyList<NewJobEvent> events, DateTimeOffset at, string? batch) =>
        events.Chunk(RowsAtOnce).Select((chunk, c) => new Statement(
            Rows("INSERT INTO job_events (job_id, sequence, kind, message, data, at, batch) VALUES ",
                "(@job, @s{0}, @k{0}, @m{0}, @d{0}, @at, @batch)", chunk.Length),
            [
                ("job", jobId), ("at", at.ToUnixTimeMilliseconds()), ("batch", batch),
                .. chunk.SelectMany((e, i) => new (string, object?)[]
                {
                    ($"s{i}", firstSequence + (c * RowsAtOnce) + i), ($"k{i}", e.Kind),
                    ($"m{i}", Texts.Clean(e.Message, JobFailure.MaxMessageLength)), ($"d{i}", e.Data),
                }),
            ]));

    public static Task<bool> HasBatchAsync(SqlSession session, long jobId, string batch, CancellationToken cancellation) =>
        session.ExistsAsync("SELECT 1 FROM job_events WHERE job_id = @job AND batch = @batch LIMIT 1", cancellation,
            ("job", jobId), ("batch", batch));

    public static async Task UpsertMetricsAsync(
        SqlSession session, long jobId, IEnumerable<JobMetric> metrics, CancellationToken cancellation)
    {
        // One statement may not touch a row twice, so of equal keys only the last is written.
        IEnumerable<JobMetric> last = metrics.GroupBy(m => (m.Key, m.Step)).Select(g => g.Last());
        foreach (JobMetric[] chunk in last.Chunk(RowsAtOnce))
        {
            await session.ExecuteAsync(
                Rows("INSERT INTO job_metrics (job_id, key, step, value) VALUES ", "(@job, @k{0}, @s{0}, @v{0})", chunk.Length)
                    + " ON CONFLICT (job_id, key, step) DO UPDATE SET value = excluded.value",
                cancellation,
                [
                    ("job", jobId),
                    .. chunk.SelectMany((m, i) => new (string, object?)[] { ($"k{i}", m.Key), ($"s{i}", m.Step), ($"v{i}", m.Value) }),
                ]);
        }
    }

    public static Task UpsertCheckpointAsync(SqlSession session, long jobId, JobCheckpoint checkpoint, CancellationToken cancellation) =>
        session.ExecuteAsync(
            """
            INSERT INTO job_checkpoints (job_id, step, location, data, epoch, at) VALUES (@job, @step, @location, @data, @epoch, @at)
            ON CONFLICT (job_id, step) DO UPDATE
            SET location = excluded.location, data = excluded.data, epoch = excluded.epoch, at = excluded.at
            """,
            cancellation,
            ("job", jobId), ("step", checkpoint.Step), ("location", checkpoint.Location), ("data", checkpoint.Data),
            ("epoch", checkpoint.Epoch), ("at", checkpoint.At.ToUnixTimeMilliseconds()));

    public static Task DeleteCheckpointAsync(SqlSession session, long jobId, long step, CancellationToken cancellation) =>
        session.ExecuteAsync("DELETE FROM job_checkpoints WHERE job_id = @job AND step = @step", cancellation, ("job", jobId), ("step", step));

    public static Task<List<JobEvent>> EventsAsync(SqlSession session, long jobId, long after, int limit, CancellationToken cancellation) =>
        session.QueryAsync(
            "SELECT * FROM job_events WHERE job_id = @job AND sequence > @after ORDER BY sequence LIMIT @limit",
            r => new JobEvent(r.Long("job_id"), r.Long("sequence"), r.Text("kind"), r.Text("message"), r.Text("data"), r.Time("at")),
            cancellation, ("job", jobId), ("after", after), ("limit", limit));

    public static Task<List<JobMetric>> MetricsAsync(SqlSession session, long jobId, long fromStep, CancellationToken cancellation) =>
        session.QueryAsync(
            "SELECT key, step, value FROM job_metrics WHERE job_id = @job AND step >= @from ORDER BY key, step",
            r => new JobMetric(r.GetString(0), r.GetInt64(1), r.GetDouble(2)), cancellation, ("job", jobId), ("from", fromStep));

    public static Task<List<JobCheckpoint>> CheckpointsAsync(SqlSession session, long jobId, CancellationToken cancellation) =>
        session.QueryAsync(
            "SELECT * FROM job_checkpoints WHERE job_id = @job ORDER BY step",
            r => new JobCheckpoint(r.Long("step"), r.Text("location"), r.Text("data"), r.Long("epoch"), r.Time("at")),
            cancellation, ("job", jobId));

    private static string Rows(string head, string row, int count)
    {
        StringBuilder sql = new(head);
        CompositeFormat format = CompositeFormat.Parse(row);
        for (int i = 0; i < count; i++)
            sql.Append(i == 0 ? "" : ", ").AppendFormat(CultureInfo.InvariantCulture, format, i);
        return sql.ToString();
    }
}
