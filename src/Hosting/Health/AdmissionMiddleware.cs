using Inference.Hosting.Requests;
using Microsoft.AspNetCore.Http;

namespace Inference.Hosting.Health;

/// <summary>Counts requests that do work, and refuses new ones while the host drains.</summary>
internal sealed class AdmissionMiddleware(RequestDelegate next, HostState state)
{
    /// <summary>Passes the request on or answers UNAVAILABLE, HTTP 503.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (RequestPaths.IsObservation(context.Request.Path))
        {
            await next(context);
            return;
        }

        if (!state.TryEnter())
        {
            context.Response.Headers.RetryAfter = "1";
            await Refusal.Draining.WriteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            state.Leave();
        }
    }
}
