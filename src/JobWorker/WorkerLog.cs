using Microsoft.Extensions.Logging;

namespace Inference.JobWorker;

/// <summary>Log messages of the job worker.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Error, "The adapter of job {Job} cannot be published; trying again")]
    public static partial void PublishingFailed(ILogger logger, long job, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Unpublished adapters are not looked for this time: {Reason}")]
    public static partial void SearchFailed(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "Job {Job} is removed with its files: it ended at {EndedAt}")]
    public static partial void Removed(ILogger logger, long job, DateTimeOffset? endedAt);

    [LoggerMessage(4, LogLevel.Error, "Old jobs cannot be removed; trying again in an hour")]
    public static partial void RemovalFailed(ILogger logger, Exception exception);
}
