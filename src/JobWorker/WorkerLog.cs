using Microsoft.Extensions.Logging;

namespace Inference.JobWorker;

/// <summary>Log messages of the job worker.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Error, "The adapter of job {Job} cannot be published; trying again")]
    public static partial void PublishingFailed(ILogger logger, long job, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Unpublished adapters are not looked for this time: {Reason}")]
    public static partial void SearchFailed(ILogger logger, string reason);
}
