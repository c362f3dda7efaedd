using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>What the registry knows of an architecture.</summary>
/// <param name="Name">`model_type` of config.json and `general.architecture` of GGUF.</param>
/// <param name="GgufRotary">How GGUF files of this architecture store the heads of queries and keys.</param>
/// <param name="Create">Makes the model; it owns the weights from then on.</param>
/// <param name="Tensors">Names (Hugging Face's) and shapes of all tensors of a configuration.</param>
public sealed record Architecture(
    string Name,
    RotaryStyle GgufRotary,
    Func<ModelWeights, IBackend, ICausalModel> Create,
    Func<ModelConfig, IEnumerable<TensorShape>> Tensors)
{
    /// <summary>How a container stores the heads of queries and keys.</summary>
    public RotaryStyle Rotary(ModelContainer container) => container == ModelContainer.Gguf ? GgufRotary : RotaryStyle.HalfSplit;
}
