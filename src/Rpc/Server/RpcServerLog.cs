using Microsoft.Extensions.Logging;

namespace Inference.Rpc.Server;

internal static partial class RpcServerLog
{
    [LoggerMessage(1, LogLevel.Error, "{Path} failed in its handler")]
    public static partial void HandlerFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "{Path} ended with {Status}: {Message}")]
    public static partial void CallFailed(ILogger logger, string path, StatusCode status, string message);
}
