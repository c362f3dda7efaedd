using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>A transcript as OpenAI's API writes it; "json" has the text only, "verbose_json" the rest. Times are seconds.</summary>
internal sealed record TranscriptionBody(
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("task")] string? Task = null,
    [property: JsonPropertyName("language")] string? Language = null,
    [property: JsonPropertyName("duration")] double? Duration = null,
    [property: JsonPropertyName("segments")] IReadOnlyList<TranscriptionBody.Segment>? Segments = null,
    [property: JsonPropertyName("words")] IReadOnlyList<TranscriptionBody.Word>? Words = null)
{
    internal sealed record Segment(
        [property: JsonPropertyName("id")] int Id,
        [property: JsonPropertyName("seek")] int Seek,
        [property: JsonPropertyName("start")] double Start,
        [property: JsonPropertyName("end")] double End,
        [property: JsonPropertyName("text")] string Text,
        [property: JsonPropertyName("tokens")] IReadOnlyList<int> Tokens,
        [property: JsonPropertyName("temperature")] float Temperature,
        [property: JsonPropertyName("avg_logprob")] float MeanLogProbability,
        [property: JsonPropertyName("compression_ratio")] float CompressionRatio,
        [property: JsonPropertyName("no_speech_prob")] float NoSpeechProbability);

    internal sealed record Word(
        [property: JsonPropertyName("word")] string Text,
        [property: JsonPropertyName("start")] double Start,
        [property: JsonPropertyName("end")] double End);
}
