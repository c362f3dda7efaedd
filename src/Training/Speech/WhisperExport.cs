using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>Writes trained parameters in Hugging Face's form: model.safetensors.</summary>
public static class WhisperExport
{
    /// <summary>Writes or replaces the file in the directory; a reader sees the old file or the new one.</summary>
    public static void Write(string directory, WhisperConfig config, ParameterSet parameters, DType type)
    {
        using Tensor sinusoids = Sinusoids.Create(config.AudioContext, config.HiddenSize);
        List<Tensor> kernels = [];
        List<TensorSource> sources = [TensorSource.FromTensor("model.encoder.embed_positions.weight", sinusoids, type)];
        foreach ((string name, Tensor tensor) in parameters.Entries.Where(e => e.Key != WhisperParameters.Alignment))
        {
            if (name.Contains(".conv", StringComparison.Ordinal) && tensor.Rows > 1)
            {
                Tensor kernel = ConvolutionColumns.ToCheckpoint(tensor);
                kernels.Add(kernel);
                int inputs = tensor.Columns / ConvolutionColumns.KernelLength;
                sources.Add(TensorSource.FromRows(
                    name, type, [tensor.Rows, inputs, ConvolutionColumns.KernelLength],
                    (row, values) => kernel.Row(row / inputs).Slice(row % inputs * values.Length, values.Length).CopyTo(values)));
            }
            else
            {
                sources.Add(tensor.Rows == 1 ? TensorSource.FromTensor(name, tensor, type, tensor.Columns) : TensorSource.FromTensor(name, tensor, type));
            }
        }

        SafetensorsWriter.Write(Path.Combine(directory, "model.safetensors"), sources, new Dictionary<string, string> { ["format"] = "pt" });
        kernels.ForEach(k => k.Dispose());
    }
}
