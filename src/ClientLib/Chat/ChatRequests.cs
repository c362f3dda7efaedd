using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Contracts.V1;
using Microsoft.Extensions.AI;
using ContractMessage = Inference.Contracts.V1.ChatMessage;

namespace Inference.ClientLib.Chat;

/// <summary>Requests from the messages and options of Microsoft.Extensions.AI.</summary>
internal static class ChatRequests
{
    private static readonly JsonSerializerOptions CompactJson = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    /// <exception cref="NotSupportedException">A message or option that the server has no meaning for.</exception>
    public static GenerateRequest Create(
        IChatClient client, IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options, string? defaultModel)
    {
        GenerateRequest request = options?.RawRepresentationFactory?.Invoke(client) as GenerateRequest ?? new GenerateRequest();
        request.Chat ??= new Contracts.V1.Chat();
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            request.Chat.Messages.Add(new ContractMessage { Role = "system", Content = instructions });
        }

        request.Chat.Messages.AddRange(messages.Select(ToContract));
        request.Model = options?.ModelId ?? (request.Model.Length > 0 ? request.Model : defaultModel ?? "");
        request.Sampling ??= new SamplingParameters();
        if (options is not null)
        {
            Apply(options, request);
        }

        return request;
    }

    private static ContractMessage ToContract(Microsoft.Extensions.AI.ChatMessage message)
    {
        ContractMessage result = new() { Role = message.Role.Value, Name = message.AuthorName ?? "" };
        foreach (AIContent content in message.Contents)
        {
            result.Content += content switch
            {
                TextContent text => text.Text,
                FunctionResultContent { Result: string text } => text,
                FunctionResultContent function => JsonSerializer.Serialize(function.Result, CompactJson),
                UsageContent => "",
                _ => throw new NotSupportedException($"messages: content of type {content.GetType().Name} is not supported, text is"),
            };
        }

        return result;
    }

    private static void Apply(ChatOptions options, GenerateRequest request)
    {
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
        {
            throw new NotSupportedException($"ResponseFormat: {options.ResponseFormat.GetType().Name} is not supported, text is");
        }

        SamplingParameters sampling = request.Sampling;
        Set(options.Temperature, value => sampling.Temperature = value);
        Set(options.TopP, value => sampling.TopP = value);
        Set(options.TopK, value => sampling.TopK = value);
        Set(options.FrequencyPenalty, value => sampling.FrequencyPenalty = value);
        Set(options.PresencePenalty, value => sampling.PresencePenalty = value);
        Set(options.Seed, value => sampling.Seed = value);
        Set(options.MaxOutputTokens, value => sampling.MaxTokens = value);
        sampling.Stop.AddRange(options.StopSequences ?? []);
        Set(Property<float>(options, "min_p"), value => sampling.MinP = value);
        Set(Property<float>(options, "typical_p"), value => sampling.TypicalP = value);
        Set(Property<float>(options, "repetition_penalty"), value => sampling.RepetitionPenalty = value);
        Set(Property<int>(options, "min_tokens"), value => sampling.MinTokens = value);
        Set(Property<int>(options, "priority"), value => request.Priority = value);
        request.TenantId = options.AdditionalProperties?.GetValueOrDefault("tenant_id")?.ToString() ?? request.TenantId;
        request.SessionId = options.AdditionalProperties?.GetValueOrDefault("session_id")?.ToString() ?? request.SessionId;
        if (options.Tools is { Count: > 0 } tools && options.ToolMode is not NoneChatToolMode)
        {
            request.Chat.ToolsJson = new JsonArray([.. tools.Select(Describe)]).ToJsonString();
        }
    }

    private static JsonNode Describe(AITool tool) => tool is AIFunctionDeclaration function
        ? new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = function.Name,
                ["description"] = function.Description,
                ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()),
            },
        }
        : throw new NotSupportedException($"Tools: {tool.GetType().Name} '{tool.Name}' is not supported, functions are");

    private static T? Property<T>(ChatOptions options, string name)
        where T : struct
    {
        object? value = options.AdditionalProperties?.GetValueOrDefault(name);
        try
        {
            return value is null ? null : (T)Convert.ChangeType(value is JsonElement json ? json.GetDouble() : value, typeof(T), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new ArgumentException($"AdditionalProperties: {name} must be a number, not '{value}'", nameof(options), e);
        }
    }

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } given)
        {
            set(given);
        }
    }
}
