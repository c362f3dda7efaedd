using Microsoft.Extensions.Logging;

namespace Inference.Jobs;

/// <summary>What a worker tells operators.</summary>
internal static partial class JobsLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} ({Kind}) claimed: attempt {Attempt}, epoch {Epoch}")]
    public static partial void Claimed(this ILogger logger, long job, string kind, int attempt, long epoch);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} is {State}. {Failure}")]
    public static partial void Ended(this ILogger logger, long job, string state, string failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job}: the handler failed")]
    public static partial void HandlerFailed(this ILogger logger, long job, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} is lost at epoch {Epoch}; another worker will go on with it")]
    public static partial void Lost(this ILogger logger, long job, long epoch, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The job store failed; trying again")]
    public static partial void StoreFailed(this ILogger logger, Exception exception);
}
