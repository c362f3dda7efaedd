using Inference.Models.Architectures;

namespace Inference.Models.Lora;

/// <summary>A linear layer of a base model, which an adapter may change.</summary>
/// <param name="Name">Hugging Face's name, without ".weight": "model.layers.0.self_attn.q_proj".</param>
/// <param name="Outputs">Rows of its weight.</param>
/// <param name="Inputs">Columns of its weight.</param>
public sealed record LinearModule(string Name, int Outputs, int Inputs)
{
    /// <summary>The output projection, which `all-linear` leaves out.</summary>
    public const string Head = "lm_head";

    private const string Weight = ".weight";

    /// <summary>All linear layers of a configuration, in the order of the forward pass; the output projection last, tied or not.</summary>
    /// <exception cref="ArgumentException">The architecture is not in the registry.</exception>
    public static IReadOnlyList<LinearModule> Of(ModelConfig config)
    {
        Architecture architecture = ArchitectureRegistry.Find(config.Architecture)
            ?? throw new ArgumentException($"architecture '{config.Architecture}' is not supported", nameof(config));
        return
        [
            .. architecture.Tensors(config)
                .Where(t => t.Shape.Length == 2 && t.Name is not (DecoderTensors.Embedding or DecoderTensors.Head) && t.Name.EndsWith(Weight, StringComparison.Ordinal))
                .Select(t => new LinearModule(t.Name[..^Weight.Length], t.Shape[0], t.Shape[1])),
            new LinearModule(Head, config.VocabularySize, config.HiddenSize),
        ];
    }
}
