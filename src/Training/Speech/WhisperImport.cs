using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>Reads a model that <see cref="WhisperExport"/> wrote, to train it on.</summary>
public static class WhisperImport
{
    /// <summary>Replaces the parameters' values; the auxiliary projection, which no file has, stays as it is.</summary>
    /// <param name="directory">A model in Hugging Face's form.</param>
    /// <param name="parameters">As <see cref="WhisperParameters.Create"/> names them.</param>
    /// <exception cref="ModelFormatException">The file is damaged, or its tensors have other shapes.</exception>
    public static void Read(string directory, ParameterSet parameters)
    {
        using WhisperWeights weights = WhisperWeights.Open(directory);
        foreach ((string name, Tensor tensor) in parameters.Entries.Where(e => e.Key != WhisperParameters.Alignment))
        {
            bool isKernel = name.Contains(".conv", StringComparison.Ordinal) && tensor.Rows > 1;
            Tensor values = isKernel
                ? weights.Convolution(name[..^".weight".Length], tensor.Rows, tensor.Columns / ConvolutionColumns.KernelLength).Weight
                : weights.FloatMatrix(name, tensor.Rows, tensor.Columns);
            values.Span.CopyTo(tensor.Span);
        }
    }
}
