using System.Globalization;
using Inference.Jobs;

namespace Inference.JobWorker.FineTuning;

/// <summary>Ids of jobs as clients see them: "ftjob-12".</summary>
internal static class JobIds
{
    private const string Prefix = "ftjob-";

    public static string Format(long id) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id}");

    /// <summary>Why a job's state does not allow a request.</summary>
    public static string Describe(JobStateException exception) => $"{Format(exception.Id)} is {exception.From.ToText()}, which cannot become {exception.To.ToText()}";

    /// <summary>The queue's id; null where the text is none.</summary>
    public static long? Parse(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(text.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null;
}
