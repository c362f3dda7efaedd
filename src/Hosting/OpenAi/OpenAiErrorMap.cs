using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inference.Hosting.OpenAi;

/// <summary>Answers the exceptions of HTTP handlers in OpenAI's shape.</summary>
/// <param name="known">A host's own exceptions; null for one that it does not know.</param>
/// <param name="logger">Gets what was not foreseen.</param>
public sealed partial class OpenAiErrorMap(Func<Exception, OpenAiError?> known, ILogger logger)
{
    /// <summary>A handler whose exceptions are answered; one whose response has started passes them on.</summary>
    public RequestDelegate Guard(RequestDelegate handler) => async context =>
    {
        try
        {
            await handler(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await Answer(context, exception).WriteAsync(context.Response);
        }
    };

    /// <summary>The answer to an exception of a call; what was not foreseen is logged.</summary>
    public OpenAiError Answer(HttpContext context, Exception exception)
    {
        OpenAiError error = known(exception) ?? exception switch
        {
            JsonException json => OpenAiError.From(json),
            BadHttpRequestException bad => OpenAiError.From(bad),
            _ => OpenAiError.Internal,
        };
        if (error.Status == StatusCodes.Status500InternalServerError)
        {
            RequestFailed(logger, context.Request.Method, context.Request.Path, exception);
        }

        return error;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);
}
