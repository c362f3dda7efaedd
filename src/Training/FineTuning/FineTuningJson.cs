using System.Text.Json.Serialization;

namespace Inference.Training.FineTuning;

/// <summary>Generated reader and writer of <see cref="FineTuningSpec"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FineTuningSpec))]
internal sealed partial class FineTuningJson : JsonSerializerContext;
