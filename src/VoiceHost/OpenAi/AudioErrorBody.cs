using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>An error as OpenAI's API writes it.</summary>
internal sealed record AudioErrorBody([property: JsonPropertyName("error")] AudioErrorBody.Content Error)
{
    internal sealed record Content(
        [property: JsonPropertyName("message")] string Message,
        [property: JsonPropertyName("type")] string Type,
        [property: JsonPropertyName("param")] string? Param,
        [property: JsonPropertyName("code")] string Code);
}
