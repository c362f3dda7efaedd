using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// A VITS model on disk: a directory with `config.json` and safetensors, or a Piper voice (`.onnx`). Tensors go by Hugging Face's
/// names and come as F32; weight norm (Salimans, Kingma, 2016), in either of its names, is folded.
/// </summary>
public sealed class VitsWeights : IDisposable
{
    private readonly ICheckpoint _checkpoint;
    private readonly PiperGraph? _piper;
    private readonly List<Tensor> _owned = [];
    private IBackend? _backend;

    private VitsWeights(VitsConfig config, ICheckpoint checkpoint, PiperGraph? piper)
    {
        Config = config;
        _checkpoint = checkpoint;
        _piper = piper;
    }

    /// <summary>Shape of the model.</summary>
    public VitsConfig Config { get; }

    /// <summary>Opens a model.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or not of a VITS model.</exception>
    public static VitsWeights Open(string path)
    {
        if (Directory.Exists(path))
        {
            return File.Exists(Path.Combine(path, HuggingFaceConfig.FileName))
                ? new VitsWeights(VitsFiles.ReadConfig(path), ModelWeights.OpenSafetensors(path), null)
                : throw new ModelFormatException(path, $"the directory has no {HuggingFaceConfig.FileName}");
        }

        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, "there is no such file or directory");
        }

        OnnxFile file = OnnxFile.Open(path);
        try
        {
            PiperGraph piper = new(file);
            return new VitsWeights(piper.ReadConfig(), file, piper);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The numbers of a tensor in the order of its shape.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public float[] Read(string name, params ReadOnlySpan<int> shape)
    {
        if (InFile(name) is { } stored)
        {
            return ReadStored(stored, shape.ToArray());
        }

        if (name.EndsWith(".weight", StringComparison.Ordinal) && FindNormalized(name) is (string magnitude, string direction))
        {
            int[] magnitudes = [shape[0], .. Enumerable.Repeat(1, shape.Length - 1)];
            return Fold(ReadStored(magnitude, magnitudes), ReadStored(direction, shape.ToArray()));
        }

        if (name == "duration_predictor.flows.0.log_scale" && _piper?.FindAffineFactor() is { } factor)
        {
            return [.. ReadStored(factor, shape.ToArray()).Select(f => -MathF.Log(f))];
        }

        throw new ModelFormatException(_checkpoint.Path, $"tensor '{(_piper is null ? name : VitsTensors.NameInPiper(name))}' [{string.Join(", ", shape.ToArray())}] is missing");
    }

    /// <summary>From here on norms and biases come in a backend's memory; before, and without it, in the host's.</summary>
    public void PlaceOn(IBackend backend) => _backend = backend;

    /// <summary>A tensor that operations read as it is, in the backend's memory; it lives as long as these weights.</summary>
    public Tensor Place(Tensor stored) => Own(_backend?.Place(stored) ?? stored);

    /// <summary>The matrix [rows, columns] in F32, this object's own, in the host's memory.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Matrix(string name, int rows, int columns) => Own(Tensor.From(rows, columns, Read(name, rows, columns)));

    /// <summary>A norm.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public LayerNorm Norm(string name, int length, float epsilon = 1e-5f) =>
        new(Place(Tensor.From(1, length, Read(name + ".weight", length))), Place(Tensor.From(1, length, Read(name + ".bias", length))), epsilon);

    /// <summary>A convolution, or those of its outputs that are asked for.</summary>
    /// <param name="backend">Where it will run.</param>
    /// <param name="name">Its name without ".weight".</param>
    /// <param name="outputs">Channels of the stored one's result.</param>
    /// <param name="inputs">Channels of its input.</param>
    /// <param name="taps">Rows that it sees.</param>
    /// <param name="dilation">Rows from tap to tap.</param>
    /// <param name="hasBias">Whether there is one.</param>
    /// <param name="part">The outputs wanted; null for all.</param>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    internal Convolution Convolution(
        IBackend backend, string name, int outputs, int inputs, int taps, int dilation = 1, bool hasBias = true, (int First, int Count)? part = null)
    {
        (int first, int count) = part ?? (0, outputs);
        float[] weight = Read(name + ".weight", outputs, inputs, taps);
        Tensor? bias = hasBias ? Place(Tensor.From(1, count, Read(name + ".bias", outputs).AsSpan(first, count))) : null;
        return Layers.Convolution.FromCheckpoint(backend, weight.AsSpan(first * inputs * taps, count * inputs * taps), bias, count, inputs, taps, dilation);
    }

    /// <summary>A transposed convolution whose rows come <paramref name="stride"/> for each of its input.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    internal TransposedConvolution Upsampler(IBackend backend, string name, int inputs, int outputs, int taps, int stride) =>
        new(backend, Read(name + ".weight", inputs, outputs, taps), Read(name + ".bias", outputs), inputs, outputs, taps, stride);

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.ForEach(tensor => tensor.Dispose());
        _checkpoint.Dispose();
    }

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor);
        return tensor;
    }

    private string? InFile(string name) =>
        _piper is not null ? _piper.Find(VitsTensors.NameInPiper(name)) : _checkpoint.Tensors.ContainsKey(name) ? name : null;

    private (string Magnitude, string Direction)? FindNormalized(string name)
    {
        string module = name[..^"weight".Length];
        foreach ((string magnitude, string direction) in ((string, string)[])[("weight_g", "weight_v"), ("parametrizations.weight.original0", "parametrizations.weight.original1")])
        {
            if (InFile(module + magnitude) is { } g && InFile(module + direction) is { } v)
            {
                return (g, v);
            }
        }

        return null;
    }

    /// <summary>g v / |v|, the norm taken over all but the outermost dimension.</summary>
    private static float[] Fold(float[] magnitude, float[] direction)
    {
        int length = direction.Length / magnitude.Length;
        for (int i = 0; i < magnitude.Length; i++)
        {
            Span<float> row = direction.AsSpan(i * length, length);
            double squares = 0;
            foreach (float value in row)
            {
                squares += (double)value * value;
            }

            float factor = (float)(magnitude[i] / Math.Sqrt(squares));
            foreach (ref float value in row)
            {
                value *= factor;
            }
        }

        return direction;
    }

    /// <summary>Dimensions of 1 do not count: a vector may be stored as a column, a matrix as a convolution of one tap.</summary>
    private float[] ReadStored(string stored, int[] shape)
    {
        TensorInfo info = _checkpoint.Tensors[stored];
        if (!info.Shape.Where(n => n != 1).SequenceEqual(shape.Where(n => n != 1).Select(n => (long)n)))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{stored}' must be [{string.Join(", ", shape)}], not {info}");
        }

        Tensor tensor = _checkpoint.Get(stored);
        return tensor.Reshape(1, checked(tensor.Rows * tensor.Columns)).ReadRow(0);
    }
}
