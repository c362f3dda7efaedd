using System.Text.Json.Serialization;

namespace Inference.Training.FineTuning;

/// <summary>What is learned from the data.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FineTuningMethod>))]
public enum FineTuningMethod
{
    /// <summary>Next tokens of the assistant's turns, or of the completions.</summary>
    [JsonStringEnumMemberName("supervised")]
    Supervised,

    /// <summary>Direct preference optimisation on pairs (Rafailov et al., 2023).</summary>
    [JsonStringEnumMemberName("dpo")]
    Dpo,
}
