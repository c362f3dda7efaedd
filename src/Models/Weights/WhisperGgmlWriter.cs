using System.Text;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>Writes files of whisper.cpp; see <see cref="WhisperGgmlFile"/>. Vectors, positions and kernels stay floats, as that project has them.</summary>
internal static class WhisperGgmlWriter
{
    /// <summary>Numbers of ggml's formats of files and of tensors.</summary>
    private static readonly Dictionary<DType, (int File, int Tensor)> Formats = new()
    {
        [DType.F32] = (0, 0),
        [DType.F16] = (1, 1),
        [DType.Q4_0] = (2, 2),
        [DType.Q4_1] = (3, 3),
        [DType.Q8_0] = (7, 8),
        [DType.Q5_0] = (8, 6),
        [DType.Q5_1] = (9, 7),
    };

    /// <summary>Version of the quantised formats, which files of them name.</summary>
    private const int QuantisationVersion = 2;

    public static void Write(
        string path, WhisperConfig config, DType type, ReadOnlySpan<float> melFilters, IReadOnlyList<byte[]> tokens,
        Func<TensorShape, Action<int, Span<float>>> rows)
    {
        if (!Formats.TryGetValue(type, out (int File, int Tensor) format))
        {
            throw new ArgumentException($"files of whisper.cpp are not written in {type} (only in {string.Join(", ", Formats.Keys)})", nameof(type));
        }

        if (config.EncoderIntermediateSize != 4 * config.HiddenSize || config.DecoderIntermediateSize != 4 * config.HiddenSize)
        {
            throw new ArgumentException($"files of whisper.cpp have feed-forward layers of {4 * config.HiddenSize}, four times the width", nameof(config));
        }

        float[] filters = melFilters.ToArray();
        AtomicFile.Write(path, stream =>
        {
            using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write(WhisperGgmlFile.Magic);
            int quantised = type.BlockLength() > 1 ? QuantisationVersion * WhisperGgmlFile.QuantisationFactor : 0;
            foreach (int number in (int[])
                [
                    config.VocabularySize, config.AudioContext, config.HiddenSize, config.EncoderHeads, config.EncoderLayers,
                    config.TextContext, config.HiddenSize, config.DecoderHeads, config.DecoderLayers, config.MelCount, quantised + format.File,
                    config.MelCount, filters.Length / config.MelCount,
                ])
            {
                writer.Write(number);
            }

            Array.ForEach(filters, writer.Write);
            writer.Write(tokens.Count);
            foreach (byte[] token in tokens)
            {
                writer.Write(token.Length);
                writer.Write(token);
            }

            foreach (TensorShape tensor in WhisperTensors.Of(config))
            {
                Write(writer, tensor, type, rows(tensor));
            }
        });
    }

    private static void Write(BinaryWriter writer, TensorShape tensor, DType type, Action<int, Span<float>> fill)
    {
        // Biases of convolutions are columns there, and what is no matrix of a linear layer stays a float.
        bool isKernel = tensor.Shape.Length == 3, isPosition = tensor.Name.Contains("embed_positions", StringComparison.Ordinal);
        bool isColumn = tensor.Name.Contains(".conv", StringComparison.Ordinal) && tensor.Shape.Length == 1;
        DType stored = tensor.Shape.Length == 1 || isPosition ? DType.F32 : isKernel && type.BlockLength() > 1 ? DType.F16 : type;
        int[] shape = isColumn ? [tensor.Shape[0], 1] : tensor.Shape;
        byte[] name = Encoding.UTF8.GetBytes(WhisperTensors.NameInGgml(tensor.Name));
        writer.Write(shape.Length);
        writer.Write(name.Length);
        writer.Write(Formats[stored].Tensor);
        foreach (int dimension in shape.Reverse())
        {
            writer.Write(dimension);
        }

        writer.Write(name);
        writer.Flush();
        TensorSource.FromRows(tensor.Name, stored, tensor.Shape, fill).WriteTo(writer.BaseStream);
    }
}
