using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// A model on disk: its configuration, and its tensors under the names of Hugging Face's checkpoints, whatever the container.
/// Matrices are borrowed in their stored format; vectors are F32, converted where they are stored otherwise.
/// </summary>
public sealed class ModelWeights : IDisposable
{
    private readonly ICheckpoint _checkpoint;
    private readonly Func<string, string> _nameInFile;
    private readonly List<Tensor> _converted = [];

    private ModelWeights(ModelContainer container, ModelConfig config, ICheckpoint checkpoint, Func<string, string> nameInFile)
    {
        Container = container;
        Config = config;
        _checkpoint = checkpoint;
        _nameInFile = nameInFile;
    }

    /// <summary>The form on disk.</summary>
    public ModelContainer Container { get; }

    /// <summary>Shape and constants.</summary>
    public ModelConfig Config { get; }

    /// <summary>The file's name of the number format that most bytes of the weights have: "BF16", "Q8_0".</summary>
    public string Format => _checkpoint.Tensors.Values.GroupBy(t => t.StoredType).MaxBy(g => g.Sum(t => t.ByteLength))?.Key ?? "";

    /// <summary>Bytes of the tensors that were taken so far, as stored.</summary>
    public long TakenBytes { get; private set; }

    /// <summary>Opens a directory with `config.json` and safetensors (single or sharded), or a `.gguf` file.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete or not supported.</exception>
    public static ModelWeights Open(string path)
    {
        if (Directory.Exists(path))
        {
            if (!File.Exists(Path.Combine(path, HuggingFaceConfig.FileName)))
            {
                throw new ModelFormatException(path, $"the directory has no {HuggingFaceConfig.FileName}");
            }

            return new ModelWeights(ModelContainer.HuggingFace, HuggingFaceConfig.Read(path), OpenSafetensors(path), name => name);
        }

        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, "there is no such file or directory");
        }

        GgufFile gguf = GgufFile.Open(path);
        try
        {
            return new ModelWeights(ModelContainer.Gguf, GgufConfig.Read(gguf), gguf, GgufNames.FromHuggingFace);
        }
        catch
        {
            gguf.Dispose();
            throw;
        }
    }

    /// <summary>The tensor exists.</summary>
    public bool Contains(string name) => _checkpoint.Tensors.ContainsKey(_nameInFile(name));

    /// <summary>The matrix [rows, columns], borrowed.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Matrix(string name, int rows, int columns) => Take(name, [rows, columns]);

    /// <summary>The vector as [1, length] in F32.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Vector(string name, int length)
    {
        Tensor stored = Take(name, [length]);
        if (stored.Type == DType.F32)
        {
            return stored;
        }

        Tensor converted = stored.ConvertTo(DType.F32);
        _converted.Add(converted);
        return converted;
    }

    /// <summary>The linear layer `name.weight` [outputs, inputs], with `name.bias` [outputs] where asked.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Linear Linear(string name, int outputs, int inputs, bool bias = false) =>
        new(Matrix($"{name}.weight", outputs, inputs), bias ? Vector($"{name}.bias", outputs) : null);

    /// <inheritdoc/>
    public void Dispose()
    {
        _converted.ForEach(tensor => tensor.Dispose());
        _checkpoint.Dispose();
    }

    private static ICheckpoint OpenSafetensors(string directory)
    {
        string single = Path.Combine(directory, "model.safetensors"), index = Path.Combine(directory, ShardedSafetensors.IndexName);
        if (File.Exists(single))
        {
            return SafetensorsFile.Open(single);
        }

        return File.Exists(index)
            ? ShardedSafetensors.Open(index)
            : throw new ModelFormatException(directory, $"the directory has neither model.safetensors nor {ShardedSafetensors.IndexName}");
    }

    private Tensor Take(string name, int[] shape)
    {
        string stored = _nameInFile(name);
        string expected = string.Join(", ", shape);
        if (!_checkpoint.Tensors.TryGetValue(stored, out TensorInfo? info))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{stored}' [{expected}] is missing");
        }

        if (!info.Shape.SequenceEqual(shape.Select(n => (long)n)))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{stored}' must be [{expected}], not {info}");
        }

        TakenBytes += info.ByteLength;
        return _checkpoint.Get(stored);
    }
}
