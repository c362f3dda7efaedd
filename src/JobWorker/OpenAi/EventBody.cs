using System.Globalization;
using System.Text.Json.Nodes;
using Inference.Jobs;
using Inference.JobWorker.FineTuning;

namespace Inference.JobWorker.OpenAi;

/// <summary>An event of a job in OpenAI's shape.</summary>
internal sealed record EventBody(string Id, long CreatedAt, string Level, string Message, JsonNode? Data)
{
    public string Object => "fine_tuning.job.event";

    public string Type => "message";

    public static EventBody Of(JobEvent e) => new(
        string.Create(CultureInfo.InvariantCulture, $"{Prefix(e.JobId)}{e.Sequence}"), e.At.ToUnixTimeSeconds(),
        e.Kind is "job.failed" or "job.dead" ? "error" : e.Kind is "checkpoint.skipped" ? "warn" : "info", e.Message, JsonNode.Parse(e.Data));

    /// <summary>The sequence number of an event's id; null where it is none of this job.</summary>
    public static long? SequenceOf(long job, string id) =>
        id.StartsWith(Prefix(job), StringComparison.Ordinal)
        && long.TryParse(id.AsSpan(Prefix(job).Length), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence) ? sequence : null;

    private static string Prefix(long job) => $"ftevent-{JobIds.Format(job)}-";
}
