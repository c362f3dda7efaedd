using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>Whisper models of a given shape with the random weights of <see cref="RandomModel.Rows"/>, in either form, for measurements and tests.</summary>
public static class RandomWhisper
{
    /// <summary>Writes config.json and the weights (F32, F16 or BF16) into a directory, which is made if need be.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="config">Shape of the model.</param>
    /// <param name="type">Number format.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="startToken">Id of the token that begins a transcript.</param>
    /// <param name="endToken">Id of the token that ends it.</param>
    public static void WriteHuggingFace(string directory, WhisperConfig config, DType type, ulong seed, int startToken, int endToken)
    {
        Directory.CreateDirectory(directory);
        WhisperFiles.WriteConfig(directory, config, startToken, endToken, type);
        SafetensorsWriter.WriteDirectory(directory, [.. WhisperTensors.Of(config).Select(t => TensorSource.FromRows(t.Name, type, t.Shape, Rows(t, config, seed)))]);
    }

    /// <summary>Writes a file of whisper.cpp.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">Shape of the model; feed-forward layers are four times as wide as the others.</param>
    /// <param name="type">Number format of the matrices: F32, F16, Q4_0, Q4_1, Q5_0, Q5_1 or Q8_0.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="melFilters">Filters of the front end, [mels, bins].</param>
    /// <param name="tokens">Bytes of the text tokens.</param>
    public static void WriteGgml(
        string path, WhisperConfig config, DType type, ulong seed, ReadOnlySpan<float> melFilters, IReadOnlyList<byte[]> tokens) =>
        WhisperGgmlWriter.Write(path, config, type, melFilters, tokens, t => Rows(t, config, seed));

    private static Action<int, Span<float>> Rows(TensorShape tensor, WhisperConfig config, ulong seed)
    {
        if (tensor.Name == "model.encoder.embed_positions.weight")
        {
            Tensor sinusoids = Sinusoids.Create(config.AudioContext, config.HiddenSize);
            return (row, values) => sinusoids.Row(row).CopyTo(values);
        }

        FillTensorRow fill = RandomModel.Rows(seed);
        float factor = tensor.Shape.Length == 3 ? 1 / MathF.Sqrt(tensor.Shape[1]) : 1;
        return (row, values) =>
        {
            fill(tensor.Name, row, values);
            foreach (ref float value in values)
            {
                value *= factor;
            }
        };
    }
}
