using Inference.Models.Architectures;
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
    private readonly HuggingFaceNames? _names;
    private readonly HashSet<string> _taken = [];
    private readonly List<Tensor> _owned = [];
    private IBackend? _backend;

    private ModelWeights(ModelContainer container, Architecture architecture, ModelConfig config, ICheckpoint checkpoint)
    {
        Container = container;
        Architecture = architecture;
        Config = config;
        _checkpoint = checkpoint;
        _names = container == ModelContainer.HuggingFace ? HuggingFaceNames.Of(checkpoint) : null;
    }

    /// <summary>The form on disk.</summary>
    public ModelContainer Container { get; }

    /// <summary>What the registry knows of the model's architecture.</summary>
    public Architecture Architecture { get; }

    /// <summary>Shape and constants.</summary>
    public ModelConfig Config { get; }

    /// <summary>The file's name of the number format that most bytes of the weights have: "BF16", "Q8_0".</summary>
    public string Format => _checkpoint.Tensors.Values.GroupBy(t => t.StoredType).MaxBy(g => g.Sum(t => t.ByteLength))?.Key ?? "";

    /// <summary>Bytes of the tensors that were taken so far, as stored.</summary>
    public long TakenBytes { get; private set; }

    /// <summary>Opens a directory with `config.json` and safetensors (single or sharded), or a `.gguf` file.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or of an architecture that is not supported.</exception>
    public static ModelWeights Open(string path)
    {
        if (Directory.Exists(path))
        {
            if (!File.Exists(Path.Combine(path, HuggingFaceConfig.FileName)))
            {
                throw new ModelFormatException(path, $"the directory has no {HuggingFaceConfig.FileName}");
            }

            ModelConfig config = HuggingFaceConfig.Read(path);
            return new ModelWeights(ModelContainer.HuggingFace, ArchitectureRegistry.Find(config.Architecture)!, config, OpenSafetensors(path));
        }

        if (!File.Exists(path))
        {
            throw new ModelFormatException(path, "there is no such file or directory");
        }

        GgufFile gguf = GgufFile.Open(path);
        try
        {
            ModelConfig config = GgufConfig.Read(gguf);
            return new ModelWeights(ModelContainer.Gguf, ArchitectureRegistry.Find(config.Architecture)!, config, gguf);
        }
        catch
        {
            gguf.Dispose();
            throw;
        }
    }

    /// <summary>From here on norms and biases come in a backend's memory; before, and without it, in the host's.</summary>
    public void PlaceOn(IBackend backend) => _backend = backend;

    /// <summary>A matrix that operations read as it is, in the backend's memory; it lives as long as these weights.</summary>
    public Tensor Place(Tensor stored) => Own(_backend?.Place(stored) ?? stored);

    /// <summary>The tensor exists.</summary>
    public bool Contains(string name) => _checkpoint.Tensors.ContainsKey(InFile(name).Name);

    /// <summary>The matrix [rows, columns], borrowed: as stored, in the host's memory.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Matrix(string name, int rows, int columns)
    {
        GgufTensorName stored = InFile(name);
        if (stored.Expert is not int expert)
        {
            return Take(stored.Name, [rows, columns]);
        }

        int experts = Config.Experts?.Count ?? throw new InvalidOperationException($"'{name}' is an expert's, and the configuration has none");
        return Take(stored.Name, [experts, rows, columns], (expert * rows, rows));
    }

    /// <summary>The vector as [1, length] in F32.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public Tensor Vector(string name, int length) => Place(Stored(name, length));

    /// <summary>The weight of a norm, whatever the checkpoint adds to it.</summary>
    /// <exception cref="ModelFormatException">It is missing, or has another shape or an unsupported format.</exception>
    public RmsNorm Norm(string name, int length)
    {
        Tensor weight = Stored(name, length);
        if (Container == ModelContainer.HuggingFace && Architecture.Design(Config).NormsStoredMinusOne)
        {
            weight = Own(Tensor.From(1, length, Array.ConvertAll(weight.Span.ToArray(), w => w + 1)));
        }

        return new RmsNorm(Place(weight), Config.RmsNormEpsilon);
    }

    /// <summary>The linear layer `name.weight` [outputs, inputs], with `name.bias` [outputs] where asked.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Linear Linear(string name, int outputs, int inputs, bool bias = false) =>
        new(Matrix($"{name}.weight", outputs, inputs), bias ? Vector($"{name}.bias", outputs) : null);

    /// <summary>The linear layers whose matrices are one below the other in `name.weight`, and whose biases are one behind the other in `name.bias`.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Linear[] FusedLinear(string name, int inputs, bool bias, params int[] outputs)
    {
        int rows = outputs.Sum(), first = 0;
        Tensor? biases = bias ? Stored($"{name}.bias", rows) : null;
        string stored = InFile($"{name}.weight").Name;
        return Array.ConvertAll(outputs, count =>
        {
            Tensor weight = Take(stored, [rows, inputs], (first, count));
            Tensor? part = biases is null ? null : Place(Tensor.From(1, count, biases.Span.Slice(first, count)));
            first += count;
            return new Linear(weight, part);
        });
    }

    /// <summary>Checks that no tensor of the decoder was left: what an architecture does not know, a bias perhaps, would silently be missing.</summary>
    /// <exception cref="ModelFormatException">A tensor was not taken.</exception>
    public void RefuseLeftTensors()
    {
        string head = InFile(DecoderTensors.Head).Name;
        string? left = _checkpoint.Tensors.Keys.FirstOrDefault(name =>
            !_taken.Contains(name) && !(Config.TieWordEmbeddings && name == head) && (_names?.IsOfDecoder(name) ?? GgufNames.IsOfDecoder(name)));
        if (left is not null)
        {
            throw new ModelFormatException(
                _checkpoint.Path, $"tensor '{left}' {_checkpoint.Tensors[left]} has no place in the architecture '{Architecture.Name}' with this configuration");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.ForEach(tensor => tensor.Dispose());
        _checkpoint.Dispose();
    }

    /// <summary>The safetensors of a directory, single or sharded.</summary>
    internal static ICheckpoint OpenSafetensors(string directory)
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

    private GgufTensorName InFile(string name) => _names is null ? Architecture.NameInGguf(Config, name) : new GgufTensorName(_names.InFile(name));

    private Tensor Stored(string name, int length)
    {
        Tensor stored = Take(InFile(name).Name, [length]);
        return stored.Type == DType.F32 ? stored : Own(stored.ConvertTo(DType.F32));
    }

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor);
        return tensor;
    }

    private Tensor Take(string stored, int[] shape, (int First, int Count)? part = null)
    {
        string expected = string.Join(", ", shape);
        if (!_checkpoint.Tensors.TryGetValue(stored, out TensorInfo? info))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{stored}' [{expected}] is missing");
        }

        if (!info.Shape.SequenceEqual(shape.Select(n => (long)n)))
        {
            throw new ModelFormatException(_checkpoint.Path, $"tensor '{stored}' must be [{expected}], not {info}");
        }

        _taken.Add(stored);
        Tensor tensor = _checkpoint.Get(stored);
        tensor = part is (int first, int count) ? tensor.Slice(first, count) : tensor;
        TakenBytes += tensor.ByteLength;
        return tensor;
    }
}
