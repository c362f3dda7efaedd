using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>Adapters with random numbers, large enough to change every answer, for measurements and tests.</summary>
public static class RandomAdapter
{
    /// <summary>Writes one for the layers of a base that the configuration targets; gives its directory. Every number follows from the seed.</summary>
    /// <exception cref="ArgumentException">No layer matches, or safetensors lacks the number format.</exception>
    public static string Write(string directory, ModelConfig baseModel, LoraConfig config, int seed, DType type = DType.F32)
    {
        Random random = new(seed);
        List<LoraModule> modules = [];
        foreach (LinearModule layer in config.Resolve(baseModel))
        {
            int rank = config.RankOf(layer.Name);
            modules.Add(new LoraModule(
                layer.Name,
                Uniform(random, rank, layer.Inputs, 1 / MathF.Sqrt(layer.Inputs)),
                Uniform(random, layer.Outputs, rank, 0.5f / MathF.Sqrt(rank)),
                config.ScaleOf(layer.Name),
                config.UseDora ? Uniform(random, 1, layer.Outputs, 0.2f, center: 1) : null));
        }

        PeftAdapter.Write(directory, config, modules, type);
        foreach (LoraModule module in modules)
        {
            module.A.Dispose();
            module.B.Dispose();
            module.Magnitude?.Dispose();
        }

        return directory;
    }

    private static Tensor Uniform(Random random, int rows, int columns, float reach, float center = 0)
    {
        Tensor tensor = Tensor.Allocate(rows, columns);
        foreach (ref float value in tensor.Span)
        {
            value = center + (reach * ((2 * random.NextSingle()) - 1));
        }

        return tensor;
    }
}
