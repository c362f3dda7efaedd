using Inference.Generation;
using Inference.InferenceHost.Models;
using Inference.InferenceHost.Prompts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost.OpenAi;

/// <summary>POST /v1/completions.</summary>
internal sealed class CompletionEndpoint(
    ModelCatalog catalog, PromptEncoder prompts, IOptions<LimitsOptions> limits, TimeProvider time, ILogger<CompletionEndpoint> logger)
{
    /// <summary>Answers in one piece or as a stream; faults are exceptions until the stream has started.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        CompletionRequest body = await RequestBody.ReadAsync(context, OpenAiJson.Wire.CompletionRequest);
        body.RefuseUnsupported();
        NamedModel named = catalog.Resolve(body.Model, body.Adapter);
        LanguageModel model = named.Model;
        SamplingParameters sampling = body.ToSampling(model.GenerationDefaults);
        GenerationRequest[] requests = [.. Prompts(model, body).Select((prompt, i) => new GenerationRequest
        {
            Id = i == 0 ? context.TraceIdentifier : $"{context.TraceIdentifier}-{i}",
            Prompt = prompt,
            Sampling = sampling,
            Priority = body.Priority ?? 0,
            Tenant = body.User ?? "",
            Adapter = named.Adapter,
            Echo = body.Echo ?? false,
        })];
        CompletionAnswer answer = new("cmpl-" + context.TraceIdentifier, time.GetUtcNow().ToUnixTimeSeconds(), named.Name, sampling.N);
        IAsyncEnumerable<PromptUpdate> updates = PromptUpdates.Merge(model.Engine, requests, context.RequestAborted);
        if (body.Stream == true)
        {
            await StreamedAnswer.WriteAsync(
                context, updates, OpenAiJson.Wire.CompletionResponse, answer.Chunks,
                () => body.StreamOptions?.IncludeUsage == true ? answer.UsageChunk() : null, logger);
            return;
        }

        await foreach (PromptUpdate update in updates)
        {
            answer.Add(update);
        }

        await context.Response.WriteAsJsonAsync(answer.Whole(), OpenAiJson.Wire.CompletionResponse, cancellationToken: context.RequestAborted);
    }

    private IEnumerable<IReadOnlyList<int>> Prompts(LanguageModel model, CompletionRequest body)
    {
        CompletionPrompt prompt = body.Prompt ?? throw new InvalidRequestException("prompt", "is required");
        if (prompt.Count == 0 || prompt.Count > limits.Value.MaxPrompts)
        {
            throw new InvalidRequestException("prompt", $"must have from 1 to {limits.Value.MaxPrompts} prompts, not {prompt.Count}");
        }

        return prompt.Texts is { } texts
            ? texts.Select(text => prompts.EncodeText(model, "prompt", text))
            : prompt.Tokens!.Select(ids => PromptEncoder.CheckTokens(model, "prompt", ids.Select(i => (long)i)));
    }
}
