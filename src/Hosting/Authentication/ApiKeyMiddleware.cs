using Inference.Hosting.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Inference.Hosting.Authentication;

/// <summary>Asks every route for a key, unknown ones too; only health (and, where configured, metrics) goes without.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ApiKeys keys, IOptions<AuthenticationOptions> options)
{
    /// <summary>Passes the request on or answers UNAUTHENTICATED, HTTP 401.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.IsRequired || IsAnonymous(context.Request.Path) || keys.Accepts(context.Request.Headers.Authorization))
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Refusal.Unauthenticated.WriteAsync(context);
    }

    private bool IsAnonymous(PathString path) =>
        RequestPaths.IsHealth(path) || (options.Value.AnonymousMetrics && path == RequestPaths.Metrics);
}
