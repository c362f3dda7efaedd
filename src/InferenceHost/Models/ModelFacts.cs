using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Weights;

namespace Inference.InferenceHost.Models;

/// <summary>What a model's files say of it.</summary>
/// <param name="ParameterCount">Numbers that were trained.</param>
/// <param name="WeightFormat">Number format of most weights.</param>
/// <param name="Device">What runs it.</param>
public sealed record ModelFacts(long ParameterCount, string WeightFormat, string Device)
{
    /// <summary>Reads headers only.</summary>
    /// <param name="path">Directory or file of a model that can be loaded.</param>
    /// <param name="device">What runs it.</param>
    /// <exception cref="ModelFormatException">A file is damaged or not supported.</exception>
    public static ModelFacts Read(string path, string device)
    {
        using ModelWeights weights = ModelWeights.Open(path);
        ModelConfig config = weights.Config;
        long parameters = ArchitectureRegistry.Find(config.Architecture)?.Tensors(config)
            .Sum(t => t.Shape.Aggregate(1L, (count, n) => count * n)) ?? 0;
        return new ModelFacts(parameters, weights.Format, device);
    }
}
