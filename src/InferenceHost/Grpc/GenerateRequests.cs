using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Contracts.V1;
using Inference.Generation;
using Inference.InferenceHost.Prompts;
using Inference.Text.ChatTemplates;
using Chosen = Inference.Generation.SamplingParameters;
using Wire = Inference.Contracts.V1.SamplingParameters;

namespace Inference.InferenceHost.Grpc;

/// <summary>Requests of the wire as the engine and the templates take them.</summary>
internal static class GenerateRequests
{
    /// <summary>The model's defaults with the request's values in their place.</summary>
    /// <exception cref="InvalidRequestException">A token id is not in the vocabulary.</exception>
    public static Chosen ToSampling(LanguageModel model, Wire? wire)
    {
        Chosen defaults = model.GenerationDefaults;
        if (wire is null)
        {
            return defaults;
        }

        PromptEncoder.CheckTokens(model, "sampling.logit_bias", wire.LogitBias.Keys.Select(id => (long)id), allowNone: true);
        IReadOnlyList<int> stopTokens = PromptEncoder.CheckTokens(model, "sampling.stop_token_ids", wire.StopTokenIds.Select(id => (long)id), allowNone: true);
        return defaults with
        {
            Temperature = wire.HasTemperature ? wire.Temperature : defaults.Temperature,
            TopK = wire.HasTopK ? wire.TopK : defaults.TopK,
            TopP = wire.HasTopP ? wire.TopP : defaults.TopP,
            MinP = wire.HasMinP ? wire.MinP : defaults.MinP,
            TypicalP = wire.HasTypicalP ? wire.TypicalP : defaults.TypicalP,
            RepetitionPenalty = wire.HasRepetitionPenalty ? wire.RepetitionPenalty : defaults.RepetitionPenalty,
            PresencePenalty = wire.HasPresencePenalty ? wire.PresencePenalty : defaults.PresencePenalty,
            FrequencyPenalty = wire.HasFrequencyPenalty ? wire.FrequencyPenalty : defaults.FrequencyPenalty,
            LogitBias = wire.LogitBias.Count > 0 ? wire.LogitBias.ToDictionary(b => (int)b.Key, b => b.Value) : defaults.LogitBias,
            Seed = wire.HasSeed ? wire.Seed : defaults.Seed,
            Stop = wire.Stop.Count > 0 ? [.. wire.Stop] : defaults.Stop,
            StopTokenIds = stopTokens.Count > 0 ? stopTokens : defaults.StopTokenIds,
            MaxTokens = wire.HasMaxTokens ? wire.MaxTokens : defaults.MaxTokens,
            MinTokens = wire.HasMinTokens ? wire.MinTokens : defaults.MinTokens,
            N = wire.HasN ? wire.N : defaults.N,
            Logprobs = wire.HasLogprobs ? wire.Logprobs : defaults.Logprobs,
            IgnoreEos = wire.IgnoreEos || defaults.IgnoreEos,
            IncludeSpecialTokens = wire.IncludeSpecialTokens || defaults.IncludeSpecialTokens,
        };
    }

    /// <summary>The chat of the request.</summary>
    /// <exception cref="InvalidRequestException">A field that must be JSON is none.</exception>
    public static ChatPrompt ToChat(Chat chat) => new()
    {
        FieldPrefix = "chat.",
        Messages = [.. chat.Messages.Select(m => ChatTemplateInput.Message(m.Role, m.Content, m.Name.Length == 0 ? null : m.Name))],
        Template = chat.HasChatTemplate ? chat.ChatTemplate : null,
        AddGenerationPrompt = !chat.HasAddGenerationPrompt || chat.AddGenerationPrompt,
        Variables = Json<JsonObject>("chat.template_arguments_json", chat.TemplateArgumentsJson, "an object"),
        Tools = Json<JsonArray>("chat.tools_json", chat.ToolsJson, "an array"),
    };

    private static T? Json<T>(string field, string text, string kind)
        where T : JsonNode
    {
        if (text.Length == 0)
        {
            return null;
        }

        try
        {
            // Lazily made nodes would let a name that occurs twice fail later, inside the template.
            JsonNode? node = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            return node as T ?? throw new InvalidRequestException(field, $"must be {kind} in JSON");
        }
        catch (JsonException exception)
        {
            throw new InvalidRequestException(field, $"is not valid JSON: {exception.Message}");
        }
    }
}
