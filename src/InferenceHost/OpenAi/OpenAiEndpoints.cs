using Inference.Hosting.OpenAi;
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
        OpenAiErrorMap errors = new(OpenAiErrors.From, services.GetRequiredService<ILoggerFactory>().CreateLogger("Inference.InferenceHost.OpenAi"));
        RouteGroupBuilder api = endpoints.MapGroup("/v1");
        api.MapPost("/chat/completions", errors.Guard(services.GetRequiredService<ChatEndpoint>().HandleAsync));
        api.MapPost("/completions", errors.Guard(services.GetRequiredService<CompletionEndpoint>().HandleAsync));
        api.MapGet("/models", errors.Guard(context => context.Response.WriteAsJsonAsync(
            new ModelListBody([.. catalog.List().Where(IsReady).Select(Body), .. adapters.List().Select(Body)]), OpenAiJson.Wire.ModelListBody)));
        api.MapGet("/models/{**name}", errors.Guard(context => context.Response.WriteAsJsonAsync(
            Find(catalog, adapters, (string)context.Request.RouteValues["name"]!), OpenAiJson.Wire.ModelBody)));
        AdapterEndpoint adapterCalls = services.GetRequiredService<AdapterEndpoint>();
        api.MapGet("/adapters", errors.Guard(adapterCalls.ListAsync));
        api.MapPost("/adapters/load", errors.Guard(adapterCalls.LoadAsync));
        api.MapPost("/adapters/unload", errors.Guard(adapterCalls.UnloadAsync));
        api.MapPost("/adapters/pin", errors.Guard(adapterCalls.PinAsync));
        api.MapPost("/adapters/alias", errors.Guard(adapterCalls.SetAliasAsync));
        api.MapPost("/adapters/rollback", errors.Guard(adapterCalls.RollBackAsync));
        api.MapPost("/load_lora_adapter", errors.Guard(adapterCalls.LoadLikeVllmAsync));
        api.MapPost("/unload_lora_adapter", errors.Guard(adapterCalls.UnloadLikeVllmAsync));
        api.MapFallback(context => OpenAiError.Invalid(
            StatusCodes.Status404NotFound, $"there is no {context.Request.Method} {context.Request.Path} here", null, "unknown_url").WriteAsync(context.Response));
    }

    private static bool IsReady(CatalogEntry entry) => entry.State == ModelState.Ready;

    private static ModelBody Body(CatalogEntry entry) => new(entry.Name, entry.LoadedAt?.ToUnixTimeSeconds() ?? 0);

    private static ModelBody Body(ServedAdapter adapter) =>
        new($"{adapter.Model}:{adapter.Name}", adapter.Loaded?.LoadedAt.ToUnixTimeSeconds() ?? 0, adapter.Model);

    private static ModelBody Find(ModelCatalog catalog, AdapterCatalog adapters, string name) =>
        adapters.List().FirstOrDefault(a => $"{a.Model}:{a.Name}" == name) is { } adapter ? Body(adapter) : Body(catalog.Get(name));
}
