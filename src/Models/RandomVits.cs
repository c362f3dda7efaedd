using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>VITS models of a given shape with the random weights of <see cref="RandomModel.Rows"/>, for measurements and tests. They hum.</summary>
public static class RandomVits
{
    /// <summary>Writes config.json and the weights (F32, F16 or BF16) into a directory, which is made if need be.</summary>
    public static void WriteHuggingFace(string directory, VitsConfig config, DType type, ulong seed, int sampleRate)
    {
        Directory.CreateDirectory(directory);
        VitsFiles.WriteConfig(directory, config, sampleRate);
        SafetensorsWriter.WriteDirectory(directory, [.. Tensors(config).Select(t => TensorSource.FromRows(t.Name, type, t.Shape, Rows(t, config, seed)))]);
    }

    /// <summary>
    /// Writes the tensors of a Piper voice under its names and, for the strides and dilations that are read from them, its
    /// convolutions, which are not joined to a graph that runs.
    /// </summary>
    public static void WritePiper(string path, VitsConfig config, ulong seed)
    {
        OnnxWriter writer = new();
        foreach (TensorShape tensor in Tensors(config))
        {
            writer.AddTensor(VitsTensors.NameInPiper(tensor.Name), Values(tensor.Name, config, seed), tensor.Shape);
        }

        foreach (TensorShape tensor in Tensors(config).Where(t => t.Shape.Length == 3 && t.Name.EndsWith(".weight", StringComparison.Ordinal)))
        {
            string module = VitsTensors.NameInPiper(tensor.Name)[..^".weight".Length];
            (bool isTransposed, int step) = Step(tensor.Name, config);
            writer.AddNode(
                isTransposed ? "ConvTranspose" : "Conv", $"/{module.Replace('.', '/')}/{(isTransposed ? "ConvTranspose" : "Conv")}",
                [module + ".x", module + ".weight", module + ".bias"], [module + ".y"],
                (isTransposed ? "strides" : "dilations", new[] { step }));
        }

        writer.Write(path);
    }

    /// <summary>The numbers of a tensor, in the order of its shape.</summary>
    /// <exception cref="InvalidOperationException">The model has no such tensor.</exception>
    public static float[] Values(string name, VitsConfig config, ulong seed)
    {
        TensorShape tensor = Tensors(config).First(t => t.Name == name);
        int columns = tensor.Shape[^1];
        float[] values = new float[tensor.Shape.Aggregate(1, (product, n) => product * n)];
        Action<int, Span<float>> fill = Rows(tensor, config, seed);
        for (int row = 0; row < values.Length / columns; row++)
        {
            fill(row, values.AsSpan(row * columns, columns));
        }

        return values;
    }

    /// <summary>Names (Hugging Face's) and shapes of a model's tensors, weight norm folded.</summary>
    public static IEnumerable<TensorShape> Tensors(VitsConfig config) => VitsTensors.Of(config);

    /// <summary>The name of a tensor in Piper's voices.</summary>
    public static string NameInPiper(string name) => VitsTensors.NameInPiper(name);

    /// <summary>A transposed convolution's stride, or another's dilation.</summary>
    private static (bool IsTransposed, int Step) Step(string name, VitsConfig config)
    {
        string[] parts = name.Split('.');
        int Number(int index) => int.Parse(parts[index], System.Globalization.CultureInfo.InvariantCulture);
        int Power(int number, int exponent) => (int)Math.Pow(number, exponent);
        return parts switch
        {
            ["decoder", "upsampler", ..] => (true, config.Vocoder.Rates[Number(2)]),
            ["decoder", "resblocks", _, "convs2", ..] => (false, 1),
            ["decoder", "resblocks", ..] => (false, config.Vocoder.BlockDilations[Number(2) % config.Vocoder.BlockTaps.Length][Number(4)]),
            ["flow", "flows", _, "wavenet", "in_layers", ..] => (false, Power(config.WaveNetDilation, Number(5))),
            [.., "convs_dilated", _, "weight"] => (false, Power(config.Durations.Taps, Number(parts.Length - 2))),
            _ => (false, 1),
        };
    }

    private static Action<int, Span<float>> Rows(TensorShape tensor, VitsConfig config, ulong seed)
    {
        FillTensorRow fill = RandomModel.Rows(seed);
        bool isTransposed = Step(tensor.Name, config).IsTransposed && tensor.Shape.Length == 3;
        float factor = isTransposed ? MathF.Sqrt(Step(tensor.Name, config).Step / (float)tensor.Shape[0]) : tensor.Shape.Length == 3 ? 1 / MathF.Sqrt(tensor.Shape[1]) : 1;

        // Lists of norms do not end as other norms do.
        string name = tensor.Name.Contains("norms_", StringComparison.Ordinal) ? tensor.Name.Replace(".weight", ".norm.weight", StringComparison.Ordinal) : tensor.Name;
        return (row, values) =>
        {
            fill(name, row, values);
            foreach (ref float value in values)
            {
                value *= factor;
            }
        };
    }
}
