using Inference.Generation;
using Inference.InferenceHost.Adapters;
using Microsoft.AspNetCore.Http;

namespace Inference.InferenceHost.OpenAi;

/// <summary>/v1/adapters and what acts on one; /v1/load_lora_adapter and /v1/unload_lora_adapter as vLLM has them.</summary>
internal sealed class AdapterEndpoint(AdapterCatalog adapters)
{
    public Task ListAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new AdapterListBody([.. adapters.List(context.Request.Query["model"]).Select(AdapterBody.Of)]), OpenAiJson.Wire.AdapterListBody);

    public Task LoadAsync(HttpContext context) => AnswerAsync(context, LoadAsync);

    public Task PinAsync(HttpContext context) =>
        AnswerAsync(context, (body, _) => Task.FromResult(adapters.Pin(body.Model, body.RequiredName, body.Pinned ?? true)));

    public Task SetAliasAsync(HttpContext context) => AnswerAsync(context, (body, cancellation) => adapters.SetAliasAsync(
        body.Model, body.RequiredName, body.Target ?? throw new InvalidRequestException("target", "is required"), cancellation));

    public Task RollBackAsync(HttpContext context) =>
        AnswerAsync(context, (body, cancellation) => adapters.RollBackAsync(body.Model, body.RequiredName, cancellation));

    public async Task UnloadAsync(HttpContext context)
    {
        AdapterRequestBody body = await BodyAsync(context);
        await adapters.UnloadAsync(body.Model, body.RequiredName, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>vLLM answers in plain text.</summary>
    public async Task LoadLikeVllmAsync(HttpContext context)
    {
        AdapterRequestBody body = await BodyAsync(context);
        ServedAdapter loaded = await LoadAsync(body, context.RequestAborted);
        await context.Response.WriteAsync($"Success: LoRA adapter '{loaded.Name}' added successfully.");
    }

    /// <inheritdoc cref="LoadLikeVllmAsync"/>
    public async Task UnloadLikeVllmAsync(HttpContext context)
    {
        AdapterRequestBody body = await BodyAsync(context);
        await adapters.UnloadAsync(body.Model, body.RequiredName, context.RequestAborted);
        await context.Response.WriteAsync($"Success: LoRA adapter '{body.RequiredName}' removed successfully.");
    }

    private Task<ServedAdapter> LoadAsync(AdapterRequestBody body, CancellationToken cancellationToken) =>
        adapters.LoadAsync(body.Model, body.RequiredName, body.Path ?? body.LoraPath, body.Pin == true, cancellationToken);

    private static Task<AdapterRequestBody> BodyAsync(HttpContext context) => RequestBody.ReadAsync(context, OpenAiJson.Wire.AdapterRequestBody);

    private static async Task AnswerAsync(HttpContext context, Func<AdapterRequestBody, CancellationToken, Task<ServedAdapter>> act)
    {
        ServedAdapter adapter = await act(await BodyAsync(context), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(AdapterBody.Of(adapter), OpenAiJson.Wire.AdapterBody);
    }
}
