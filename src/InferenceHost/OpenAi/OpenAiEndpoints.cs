using Inference.InferenceHost.Adapters;
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
    /// <summary>Maps models, adapters, completions and chat completions; other paths under /v1 get OpenAI's 404.</summary>
    public static void MapOpenAi(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        ModelCatalog catalog = services.GetRequiredService<ModelCatalog>();
        AdapterCatalog adapters = services.GetRequiredService<AdapterCatalog>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.InferenceHost.OpenAi");
        RouteGroupBuilder api = endpoints.MapGroup("/v1");
        api.MapPost("/chat/completions", Guard(services.GetRequiredService<ChatEndpoint>().HandleAsync, logger));
        api.MapPost("/completions", Guard(services.GetRequiredService<CompletionEndpoint>().HandleAsync, logger));
        api.MapGet("/models", Guard(context => context.Response.WriteAsJsonAsync(
            new ModelListBody([.. catalog.List().Where(IsReady).Select(Body), .. adapters.List().Select(Body)]), OpenAiJson.Wire.ModelListBody), logger));
        api.MapGet("/models/{**name}", Guard(context => context.Response.WriteAsJsonAsync(
            Find(catalog, adapters, (string)context.Request.RouteValues["name"]!), OpenAiJson.Wire.ModelBody), logger));
        AdapterEndpoint adapterCalls = services.GetRequiredService<AdapterEndpoint>();
        api.MapGet("/adapters", Guard(adapterCalls.ListAsync, logger));
        api.MapPost("/adapters/load", Guard(adapterCalls.LoadAsync, logger));
        api.MapPost("/adapters/unload", Guard(adapterCalls.UnloadAsync, logger));
        api.MapPost("/adapters/pin", Guard(adapterCalls.PinAsync, logger));
        api.MapPost("/adapters/alias", Guard(adapterCalls.SetAliasAsync, logger));
        api.MapPost("/adapters/rollback", Guard(adapterCalls.RollBackAsync, logger));
        api.MapPost("/load_lora_adapter", Guard(adapterCalls.LoadLikeVllmAsync, logger));
        api.MapPost("/unload_lora_adapter", Guard(adapterCalls.UnloadLikeVllmAsync, logger));
        api.MapFallback(context => OpenAiError.Invalid(
            StatusCodes.Status404NotFound, $"there is no {context.Request.Method} {context.Request.Path} here", null, "unknown_url").WriteAsync(context.Response));
    }

    private static bool IsReady(CatalogEntry entry) => entry.State == ModelState.Ready;

    private static ModelBody Body(CatalogEntry entry) => new(entry.Name, entry.LoadedAt?.ToUnixTimeSeconds() ?? 0);

    private static ModelBody Body(ServedAdapter adapter) =>
        new($"{adapter.Model}:{adapter.Name}", adapter.Loaded?.LoadedAt.ToUnixTimeSeconds() ?? 0, adapter.Model);

    private static ModelBody Find(ModelCatalog catalog, AdapterCatalog adapters, string name) =>
        adapters.List().FirstOrDefault(a => $"{a.Model}:{a.Name}" == name) is { } adapter ? Body(adapter) : Body(catalog.Get(name));

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
