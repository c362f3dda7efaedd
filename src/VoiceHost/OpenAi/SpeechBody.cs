using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>Body of POST /v1/audio/speech.</summary>
internal sealed record SpeechBody
{
    [JsonPropertyName("input")]
    public string? Input { get; init; }

    [JsonPropertyName("model")]
    public string? Model { get; init; }

    [JsonPropertyName("voice")]
    public string? Voice { get; init; }

    [JsonPropertyName("speed")]
    public float? Speed { get; init; }

    [JsonPropertyName("response_format")]
    public string? ResponseFormat { get; init; }

    [JsonPropertyName("stream_format")]
    public string? StreamFormat { get; init; }

    /// <summary>One of the presets of emotions; OpenAI's free text is not understood.</summary>
    [JsonPropertyName("instructions")]
    public string? Instructions { get; init; }
}
