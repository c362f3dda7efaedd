using Microsoft.Extensions.Logging;

namespace Inference.Hosting;

/// <summary>Log messages of the hosting layer.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(EventId = 1, Message = "{Method} {Path} ended with {Status} after {Milliseconds:0.0} ms (aborted: {Aborted})")]
    public static partial void RequestEnded(ILogger logger, LogLevel level, string method, string path, int status, double milliseconds, bool aborted);

    [LoggerMessage(2, LogLevel.Information, "Draining: {Running} requests run and have {Timeout} to finish")]
    public static partial void Draining(ILogger logger, int running, TimeSpan timeout);

    [LoggerMessage(3, LogLevel.Information, "Drained: every request has finished")]
    public static partial void Drained(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "Drain timeout of {Timeout} has passed with {Running} requests running; they are cut off")]
    public static partial void DrainTimedOut(ILogger logger, TimeSpan timeout, int running);

    [LoggerMessage(5, LogLevel.Information, "Serving: gRPC at {Grpc}, HTTP at {Http}")]
    public static partial void Serving(ILogger logger, Uri grpc, Uri http);
}
