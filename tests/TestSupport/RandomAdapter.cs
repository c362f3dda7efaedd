using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.TestSupport;

/// <summary>Adapters with random numbers, large enough to change every answer.</summary>
public static class RandomAdapter
{
    /// <summary>Writes one for the layers of a base that the configuration targets; gives its directory.</summary>
    public static string Write(string directory, ModelConfig baseModel, LoraConfig config, int seed, DType type = DType.F32)
    {
        Random random = new(seed);
        List<LoraModule> modules = [];
        foreach (LinearModule layer in config.Resolve(baseModel))
        {
            int rank = config.RankOf(layer.Name);
            modules.Add(new LoraModule(
                layer.Name,
                Fill(random, rank, layer.Inputs, 1 / MathF.Sqrt(layer.Inputs)),
                Fill(random, layer.Outputs, rank, 0.5f / MathF.Sqrt(rank)),
                config.ScaleOf(layer.Name),
                config.UseDora ? Fill(random, 1, layer.Outputs, 0.2f, center: 1) : null));
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

    private static Tensor Fill(Random random, int rows, int columns, float reach, float center = 0)
    {
        Tensor tensor = Tensor.Allocate(rows, columns);
        foreach (ref float value in tensor.Span)
        {
            value = center + (reach * ((2 * random.NextSingle()) - 1));
        }

        return tensor;
    }
}
