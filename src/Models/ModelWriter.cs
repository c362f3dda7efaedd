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
    /// for the architecture, experts stacked, Gemma's norms plus 1, Llama 3's rotary scaling as `rope_freqs.weight`.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The model.</param>
    /// <param name="type">Number format of the matrices.</param>
    /// <param name="fill">The numbers, in Hugging Face's order.</param>
    /// <param name="metadata">Further metadata: the tokenizer. Without one the file says that there is none.</param>
    /// <exception cref="ArgumentException">
    /// The architecture is not in the registry, the rotary scaling has no form in GGUF, or a row does not divide into blocks.
    /// </exception>
    public static void WriteGguf(
        string path, ModelConfig config, DType type, FillTensorRow fill, IReadOnlyDictionary<string, object>? metadata = null)
    {
        Architecture architecture = Registered(config);
        Dictionary<string, object> values = GgufConfig.Write(config);
        foreach ((string key, object value) in metadata ?? new Dictionary<string, object> { ["tokenizer.ggml.model"] = "none" })
        {
            values[key] = value;
        }

        List<TensorSource> tensors =
        [
            .. GgufRope.FactorTensors(config).Select(t => TensorSource.FromRows(t.Name, DType.F32, [t.Factors.Length], (_, row) => t.Factors.CopyTo(row))),
        ];
        TensorShape[] shapes = [.. architecture.Tensors(config)];
        foreach (IGrouping<string, TensorShape> stored in shapes.GroupBy(shape => architecture.NameInGguf(config, shape.Name).Name))
        {
            TensorShape[] parts = [.. stored];
            TensorShape first = parts[0];
            bool stacked = architecture.NameInGguf(config, first.Name).Expert is not null;
            int rows = first.Shape.Length == 1 ? 1 : first.Shape[0];
            tensors.Add(TensorSource.FromRows(
                stored.Key,
                IsInFloat(first, stored.Key) ? DType.F32 : type,
                stacked ? [parts.Length, .. first.Shape] : first.Shape,
                (row, numbers) => FillGguf(architecture, config, parts[row / rows], row % rows, fill, numbers)));
        }

        GgufWriter.Write(path, values, tensors);
    }

    /// <summary>Vectors, and the routers of experts, as GGUF files have them.</summary>
    private static bool IsInFloat(TensorShape tensor, string storedName) =>
        tensor.Shape.Length == 1 || storedName.EndsWith("ffn_gate_inp.weight", StringComparison.Ordinal);

    private static void FillGguf(Architecture architecture, ModelConfig config, TensorShape tensor, int row, FillTensorRow fill, Span<float> numbers)
    {
        bool interleave = architecture.GgufRotary == RotaryStyle.Interleaved
            && (tensor.Name.Contains(".q_proj.", StringComparison.Ordinal) || tensor.Name.Contains(".k_proj.", StringComparison.Ordinal));
        fill(tensor.Name, interleave && tensor.Shape.Length == 2 ? RotaryHeads.HalfSplitIndex(row, config.HeadDimension) : row, numbers);
        if (interleave && tensor.Shape.Length == 1)
        {
            Interleave(numbers, config.HeadDimension);
        }

        if (architecture.Design(config).NormsStoredMinusOne && tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal))
        {
            foreach (ref float number in numbers)
            {
                number++;
            }
        }
    }

    private static Architecture Registered(ModelConfig config) => ArchitectureRegistry.Find(config.Architecture)
        ?? throw new ArgumentException($"architecture '{config.Architecture}' is not supported", nameof(config));

    private static TensorSource Source(string name, TensorShape tensor, DType type, Action<int, Span<float>> fill) =>
        TensorSource.FromRows(name, type, tensor.Shape, fill);

    private static void Interleave(Span<float> values, int headDimension)
    {
        float[] halfSplit = values.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = halfSplit[RotaryHeads.HalfSplitIndex(i, headDimension)];
        }
    }
}
