using Inference.Hosting.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Inference.Hosting.Health;

/// <summary>Counts requests that do work, and refuses new ones while the host drains.</summary>
internal sealed class AdmissionMiddleware(RequestDelegate next, HostState state, IHostApplicationLifetime lifetime)
{
    /// <summary>Passes the request on or answers UNAVAILABLE, HTTP 503.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (RequestPaths.IsObservation(context.Request.Path))
        {
            await next(context);
            return;
        }

        // The token tells of SIGTERM before anything else does, watchers of the health service included.
        if (lifetime.ApplicationStopping.IsCancellationRequested || !state.TryEnter())
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
