using Inference.InferenceHost.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.InferenceHost.OpenAi;

/// <summary>The OpenAI-compatible API under /v1.</summary>
internal static class OpenAiEndpoints
{
    /// <summary>Maps models, completions and chat completions; other paths under /v1 get OpenAI's 404.</summary>
    public static void MapOpenAi(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        ModelCatalog catalog = services.GetRequiredService<ModelCatalog>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.InferenceHost.OpenAi");
        RouteGroupBuilder api = endpoints.MapGroup("/v1");
        api.MapPost("/chat/completions", Guard(services.GetRequiredService<ChatEndpoint>().HandleAsync, logger));
        api.MapPost("/completions", Guard(services.GetRequiredService<CompletionEndpoint>().HandleAsync, logger));
        api.MapGet("/models", Guard(context => context.Response.WriteAsJsonAsync(
            new ModelListBody([.. catalog.List().Where(IsReady).Select(Body)]), OpenAiJson.Wire.ModelListBody), logger));
        api.MapGet("/models/{**name}", Guard(context => context.Response.WriteAsJsonAsync(
            Body(catalog.Get((string)context.Request.RouteValues["name"]!)), OpenAiJson.Wire.ModelBody), logger));
        api.MapFallback(context => OpenAiError.Invalid(
            StatusCodes.Status404NotFound, $"there is no {context.Request.Method} {context.Request.Path} here", null, "unknown_url").WriteAsync(context.Response));
    }

    private static bool IsReady(CatalogEntry entry) => entry.State == ModelState.Ready;

    private static ModelBody Body(CatalogEntry entry) => new(entry.Name, entry.LoadedAt?.ToUnixTimeSeconds() ?? 0);

    private static RequestDelegate Guard(RequestDelegate handler, ILogger logger) => async context =>
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
            OpenAiError error = OpenAiError.From(exception);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                HostLog.RequestFailed(logger, context.Request.Method, context.Request.Path, exception);
            }

            await error.WriteAsync(context.Response);
        }
    };
}
