using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// A Whisper model on disk: a directory with `config.json` and safetensors, or a file of whisper.cpp (`ggml-*.bin`). Tensors go
/// by Hugging Face's names; matrices are borrowed in their stored format, all others are converted to F32.
/// </summary>
public sealed class WhisperWeights : IDisposable
{
    private readonly ICheckpoint _checkpoint;
    private readonly List<Tensor> _owned = [];
    private IBackend? _backend;

    private WhisperWeights(WhisperConfig config, ICheckpoint checkpoint)
    {
        Config = config;
        _checkpoint = checkpoint;
    }

    /// <summary>Shape of the model.</summary>
    public WhisperConfig Config { get; }

    /// <summary>What a file of whisper.cpp has beside the tensors; null for a directory.</summary>
    public WhisperGgmlFile? Ggml => _checkpoint as WhisperGgmlFile;

    /// <summary>Opens a model.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or not of a Whisper model.</exception>
    public static WhisperWeights Open(string path)
    {
        if (Directory.Exists(path))
        {
            if (!File.Exists(Path.Combine(path, HuggingFaceConfig.FileName)))
            {
                throw new ModelFormatException(path, $"the directory has no {HuggingFaceConfig.FileName}");
            }

            WhisperConfig config = WhisperFiles.ReadConfig(path);
            return new WhisperWeights(config, ModelWeights.OpenSafetensors(path));
        }

        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, "there is no such file or directory");
        }

        WhisperGgmlFile file = WhisperGgmlFile.Open(path);
        return new WhisperWeights(file.Config, file);
    }

    /// <summary>From here on all but <see cref="Matrix"/> and kernels comes in a backend's memory; before, and without it, in the host's.</summary>
    public void PlaceOn(IBackend backend) => _backend = backend;

    /// <summary>A tensor that operations read as it is, in the backend's memory; it lives as long as these weights.</summary>
    public Tensor Place(Tensor stored) => Own(_backend?.Place(stored) ?? stored);

    /// <summary>The matrix [rows, columns], borrowed: as stored, in the host's memory.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Matrix(string name, int rows, int columns) => Take(name, rows, columns);

    /// <summary>The same, in F32.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor FloatMatrix(string name, int rows, int columns)
    {
        Tensor stored = Take(name, rows, columns);
        return Place(stored.Type == DType.F32 ? stored : Own(stored.ConvertTo(DType.F32)));
    }

    /// <summary>The vector as [1, length] in F32.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Vector(string name, int length) => FloatMatrix(name, 1, length);

    /// <summary>The kernel of a convolution, [outputs, 3 * inputs] in F32, as <see cref="ConvolutionColumns"/> has it.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Linear Convolution(string name, int outputs, int inputs)
    {
        Tensor kernel = Take(name + ".weight", outputs, inputs * ConvolutionColumns.KernelLength);
        return new Linear(Own(ConvolutionColumns.FromCheckpoint(kernel)), Vector(name + ".bias", outputs));
    }

    /// <summary>A linear layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Linear Linear(string name, int outputs, int inputs, bool bias = true) =>
        new(Matrix(name + ".weight", outputs, inputs), bias ? Vector(name + ".bias", outputs) : null);

    /// <summary>A norm.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public LayerNorm Norm(string name, int length) => new(Vector(name + ".weight", length), Vector(name + ".bias", length));

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

    /// <summary>Files of Hugging Face may leave "model." out; those of whisper.cpp may have a vector as a column.</summary>
    private Tensor Take(string name, int rows, int columns)
    {
        string stored = Ggml is not null ? WhisperTensors.NameInGgml(name)
            : _checkpoint.Tensors.ContainsKey(name) ? name : name["model.".Length..];
        if (!_checkpoint.Tensors.TryGetValue(stored, out TensorInfo? info))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{name}' [{rows}, {columns}] is missing");
        }

        Tensor tensor = _checkpoint.Get(stored);
        if ((long)tensor.Rows * tensor.Columns != (long)rows * columns || (rows > 1 && tensor.Rows != rows && info.Shape[0] != rows))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{stored}' must be [{rows}, {columns}], not {info}");
        }

        return tensor.Rows == rows ? tensor : tensor.Reshape(rows, columns);
    }
}
