using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>Serialises transcripts; what is absent is left out.</summary>
[JsonSerializable(typeof(TranscriptionBody))]
[JsonSerializable(typeof(TranscriptionEventBody))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class TranscriptionJson : JsonSerializerContext;
