using System.Text.Json.Nodes;
using Inference.Generation;
using Inference.InferenceHost.Models;
using Inference.InferenceHost.Prompts;
using Inference.Text.ChatTemplates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Inference.InferenceHost.OpenAi;

/// <summary>POST /v1/chat/completions.</summary>
internal sealed class ChatEndpoint(ModelCatalog catalog, PromptEncoder prompts, TimeProvider time, ILogger<ChatEndpoint> logger)
{
    /// <summary>Answers in one piece or as a stream; faults are exceptions until the stream has started.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ChatCompletionRequest body = await RequestBody.ReadAsync(context, OpenAiJson.Wire.ChatCompletionRequest);
        body.RefuseUnsupported();
        NamedModel named = catalog.Resolve(body.Model, body.Adapter);
        LanguageModel model = named.Model;
        GenerationRequest request = new()
        {
            Id = context.TraceIdentifier,
            Prompt = prompts.EncodeChat(model, Chat(body), context.RequestAborted),
            Sampling = body.ToSampling(model.GenerationDefaults),
            Priority = body.Priority ?? 0,
            Tenant = body.User ?? "",
            Adapter = named.Adapter,
        };
        ChatAnswer answer = new("chatcmpl-" + context.TraceIdentifier, time.GetUtcNow().ToUnixTimeSeconds(), named.Name);
        IAsyncEnumerable<GenerationUpdate> updates = model.Engine.GenerateAsync(request, context.RequestAborted);
        if (body.Stream == true)
        {
            await StreamedAnswer.WriteAsync(
                context, updates, OpenAiJson.Wire.ChatCompletionChunk, answer.Chunks,
                () => body.StreamOptions?.IncludeUsage == true ? answer.UsageChunk() : null, logger);
            return;
        }

        await foreach (GenerationUpdate update in updates)
        {
            answer.Add(update);
        }

        await context.Response.WriteAsJsonAsync(answer.Whole(), OpenAiJson.Wire.ChatCompletionResponse, cancellationToken: context.RequestAborted);
    }

    private static ChatPrompt Chat(ChatCompletionRequest body) => new()
    {
        Messages = [.. (body.Messages ?? []).Select(Message)],
        Template = body.ChatTemplate,
        AddGenerationPrompt = body.AddGenerationPrompt ?? true,
        Variables = body.ChatTemplateKwargs,
    };

    // "developer" is OpenAI's newer word for "system"; templates know the older one.
    private static JsonObject Message(ChatMessageBody message) => ChatTemplateInput.Message(
        message.Role == "developer" ? "system" : message.Role, message.Content ?? "", message.Name);
}
