using System.Text.Json.Nodes;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>What the registry knows of an architecture: its names, its blocks, and the keys that only its files have.</summary>
public sealed record Architecture
{
    internal Architecture(string name, Func<ModelConfig, DecoderDesign> design)
    {
        Name = name;
        GgufName = name;
        Design = design;
    }

    /// <summary>`model_type` of config.json.</summary>
    public string Name { get; }

    /// <summary>`general.architecture` of GGUF.</summary>
    public string GgufName { get; init; }

    /// <summary>`architectures` of config.json.</summary>
    public string? HuggingFaceClass { get; init; }

    /// <summary>How GGUF files of this architecture store the heads of queries and keys.</summary>
    public RotaryStyle GgufRotary { get; init; }

    /// <summary>What the configuration class of this architecture takes for keys that config.json leaves out.</summary>
    internal JsonObject HuggingFaceDefaults { get; init; } = [];

    /// <summary>The blocks of a configuration.</summary>
    internal Func<ModelConfig, DecoderDesign> Design { get; }

    /// <summary>Of several architectures with one <see cref="GgufName"/>: this one reads a file with such metadata.</summary>
    internal Func<GgufMetadata, bool> ReadsGguf { get; init; } = _ => true;

    /// <summary>Adds what config.json's own keys say to what is read alike for all architectures.</summary>
    internal Func<JsonKeys, ModelConfig, ModelConfig> ReadHuggingFace { get; init; } = (_, config) => config;

    /// <summary>Writes the keys that <see cref="ReadHuggingFace"/> reads.</summary>
    internal Action<ModelConfig, JsonObject> WriteHuggingFace { get; init; } = (_, _) => { };

    /// <summary>Adds what GGUF files of this architecture leave to their reader.</summary>
    internal Func<GgufMetadata, ModelConfig, ModelConfig> ReadGguf { get; init; } = (_, config) => config;

    /// <summary>Makes the model; it owns the weights from then on.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public ICausalModel Create(ModelWeights weights, IBackend backend) =>
        new Decoder(weights, backend, Design(weights.Config), weights.Container == ModelContainer.Gguf ? GgufRotary : RotaryStyle.HalfSplit);

    /// <summary>Names (Hugging Face's) and shapes of all tensors of a configuration.</summary>
    public IEnumerable<TensorShape> Tensors(ModelConfig config) => DecoderTensors.Of(config, Design(config));

    /// <summary>Where GGUF files of this architecture have a tensor of that name in checkpoints of Hugging Face.</summary>
    internal GgufTensorName NameInGguf(ModelConfig config, string name) => GgufNames.FromHuggingFace(name, Design(config).Norms);
}
