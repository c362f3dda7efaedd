using System.Text.Json;
using System.Text.Json.Serialization;

namespace Inference.InferenceHost.OpenAi;

/// <summary>A message of a chat request.</summary>
internal sealed record ChatMessageBody
{
    public required string Role { get; init; }

    [JsonConverter(typeof(MessageContentConverter))]
    public string? Content { get; init; }

    public string? Name { get; init; }

    public JsonElement? ToolCalls { get; init; }
}
