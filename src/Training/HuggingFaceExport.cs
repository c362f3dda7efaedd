using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>Writes parameters in Hugging Face's form: model.safetensors in BF16, norms as vectors, the rest as matrices.</summary>
public static class HuggingFaceExport
{
    /// <summary>transformers refuses files that do not say this.</summary>
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt" };

    /// <summary>Writes or replaces the file in the directory; a reader sees the old file or the new one.</summary>
    public static void Write(string directory, ParameterSet parameters) => SafetensorsWriter.Write(
        Path.Combine(directory, "model.safetensors"), [.. parameters.Entries.Select(e => Source(e.Key, e.Value))], Metadata);

    private static TensorSource Source(string name, Tensor tensor) => tensor.Rows == 1
        ? TensorSource.FromTensor(name, tensor, DType.BF16, tensor.Columns)
        : TensorSource.FromTensor(name, tensor, DType.BF16);
}
