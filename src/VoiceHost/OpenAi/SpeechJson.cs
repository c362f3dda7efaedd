using System.Text.Json.Serialization;

namespace Inference.VoiceHost.OpenAi;

/// <summary>Serialises the bodies of the OpenAI-compatible API.</summary>
[JsonSerializable(typeof(SpeechBody))]
[JsonSerializable(typeof(AudioDeltaBody))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
internal sealed partial class SpeechJson : JsonSerializerContext;
