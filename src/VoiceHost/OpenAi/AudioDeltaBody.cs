using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>An event of a stream of audio: "speech.audio.delta" with base64, or "speech.audio.done".</summary>
internal sealed record AudioDeltaBody(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("audio"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Audio);
