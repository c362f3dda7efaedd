using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inference.Hosting.Requests;

/// <summary>
/// Gives every request an id: the client's x-request-id where it is 1 to 128 of [A-Za-z0-9._:-], else a new one.
/// It goes back in the response's header, into the trace identifier and into the scope of all logs; the end of the request is logged.
/// </summary>
internal sealed class RequestIdMiddleware(RequestDelegate next, TimeProvider time, ILogger<RequestIdMiddleware> logger)
{
    private const string Header = "x-request-id";

    /// <summary>Runs the request in the scope of its id.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        string? given = context.Request.Headers[Header];
        string id = IsValid(given) ? given! : Guid.NewGuid().ToString("N");
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        long start = time.GetTimestamp();
        using IDisposable? scope = logger.BeginScope(new[] { KeyValuePair.Create<string, object>("request_id", id) });
        try
        {
            await next(context);
        }
        finally
        {
            LogLevel level = RequestPaths.IsObservation(context.Request.Path) ? LogLevel.Debug : LogLevel.Information;
            HostingLog.RequestEnded(logger, level, context.Request.Method, context.Request.Path, context.Response.StatusCode,
                time.GetElapsedTime(start).TotalMilliseconds, context.RequestAborted.IsCancellationRequested);
        }
    }

    private static bool IsValid(string? id) =>
        id is { Length: > 0 and <= 128 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');
}
