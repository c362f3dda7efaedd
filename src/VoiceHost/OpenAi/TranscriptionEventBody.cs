using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>An event of a stream of text: "transcript.text.delta" with what is new, or "transcript.text.done" with all of it.</summary>
internal sealed record TranscriptionEventBody(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("delta")] string? Delta = null,
    [property: JsonPropertyName("text")] string? Text = null);
