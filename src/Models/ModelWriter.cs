using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>Writes whole models in either container, a row at a time: no tensor is ever whole in memory.</summary>
public static class ModelWriter
{
    /// <summary>Writes `config.json`, `generation_config.json` and the weights (F32, F16 or BF16) into a directory, which is made if need be.</summary>
    /// <exception cref="ArgumentException">The architecture is not in the registry, or safetensors lacks the number format.</exception>
    public static void WriteHuggingFace(
        string directory, ModelConfig config, DType type, FillTensorRow fill, long maxShardBytes = 5_000_000_000)
    {
        TensorSource[] tensors = [.. Registered(config).Tensors(config).Select(t => Source(t.Name, t, type, (row, values) => fill(t.Name, row, values)))];
        Directory.CreateDirectory(directory);
        SafetensorsWriter.WriteDirectory(directory, tensors, maxShardBytes);
        HuggingFaceConfig.Write(directory, config, type);
    }

    /// <summary>
    /// Writes a GGUF file: matrices in any format, vectors in F32, the heads of queries and keys in the order that GGUF has
    /// for the architecture, Llama 3's rotary scaling as `rope_freqs.weight`.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The model.</param>
    /// <param name="type">Number format of the matrices.</param>
    /// <param name="fill">The numbers, in Hugging Face's order.</param>
    /// <param name="metadata">Further metadata: the tokenizer. Without one the file says that there is none.</param>
    /// <exception cref="ArgumentException">The architecture is not in the registry, or a row does not divide into blocks.</exception>
    public static void WriteGguf(
        string path, ModelConfig config, DType type, FillTensorRow fill, IReadOnlyDictionary<string, object>? metadata = null)
    {
        Architecture architecture = Registered(config);
        Dictionary<string, object> values = GgufConfig.Write(config);
        foreach ((string key, object value) in metadata ?? new Dictionary<string, object> { ["tokenizer.ggml.model"] = "none" })
        {
            values[key] = value;
        }

        List<TensorSource> tensors = [];
        if (config.RopeScaling is not null)
        {
            tensors.Add(TensorSource.FromRows(GgufNames.RotaryFactors, DType.F32, [config.HeadDimension / 2], (_, row) => RotaryFactors(config, row)));
        }

        foreach (TensorShape tensor in architecture.Tensors(config))
        {
            bool interleave = architecture.GgufRotary == RotaryStyle.Interleaved
                && (tensor.Name.Contains(".q_proj.", StringComparison.Ordinal) || tensor.Name.Contains(".k_proj.", StringComparison.Ordinal));
            tensors.Add(Source(GgufNames.FromHuggingFace(tensor.Name), tensor, tensor.Shape.Length == 1 ? DType.F32 : type, (row, numbers) =>
            {
                fill(tensor.Name, interleave && tensor.Shape.Length == 2 ? HalfSplitIndex(row, config.HeadDimension) : row, numbers);
                if (interleave && tensor.Shape.Length == 1)
                {
                    Interleave(numbers, config.HeadDimension);
                }
            }));
        }

        GgufWriter.Write(path, values, tensors);
    }

    private static Architecture Registered(ModelConfig config) => ArchitectureRegistry.Find(config.Architecture)
        ?? throw new ArgumentException($"architecture '{config.Architecture}' is not supported", nameof(config));

    private static TensorSource Source(string name, TensorShape tensor, DType type, Action<int, Span<float>> fill) =>
        TensorSource.FromRows(name, type, tensor.Shape, fill);

    /// <summary>Where element 2i + j of an interleaved head is in a half-split one: i + j * headDimension / 2.</summary>
    private static int HalfSplitIndex(int index, int headDimension)
    {
        int head = index / headDimension, element = index % headDimension;
        return (head * headDimension) + (element % 2 * headDimension / 2) + (element / 2);
    }

    private static void Interleave(Span<float> values, int headDimension)
    {
        float[] halfSplit = values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = halfSplit[HalfSplitIndex(i, headDimension)];
        }
    }

    private static void RotaryFactors(ModelConfig config, Span<float> factors)
    {
        double[] plain = RotaryEmbedding.Frequencies(config.HeadDimension, config.RopeTheta, null);
        double[] scaled = RotaryEmbedding.Frequencies(config.HeadDimension, config.RopeTheta, config.RopeScaling);
        for (int i = 0; i < factors.Length; i++)
        {
            factors[i] = (float)(plain[i] / scaled[i]);
        }
    }
}
