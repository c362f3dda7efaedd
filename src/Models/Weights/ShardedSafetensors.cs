using System.Text.Json;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>Several safetensors files under a `model.safetensors.index.json`, which says which file has which tensor.</summary>
public sealed class ShardedSafetensors : ICheckpoint
{
    /// <summary>Name of the index in a model's directory.</summary>
    public const string IndexName = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOfTensor = [];
    private readonly Dictionary<string, TensorInfo> _tensors = [];

    private ShardedSafetensors(string path) => Path = path;

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    /// <summary>Maps the files that an index names; they must be in the index's own directory.</summary>
    /// <exception cref="ModelFormatException">The index or one of the files is not valid, or a tensor is not where the index says.</exception>
    public static ShardedSafetensors Open(string indexPath)
    {
        ShardedSafetensors shards = new(indexPath);
        try
        {
            using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(indexPath));
            foreach (JsonProperty entry in index.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                shards.Add(entry.Name, entry.Value.GetString()!);
            }

            return shards;
        }
        catch (Exception e)
        {
            shards.Dispose();
            if (e is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new ModelFormatException(indexPath, $"the index of shards is not valid: {e.Message}", e);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Get(string name) => _fileOfTensor.TryGetValue(name, out SafetensorsFile? file)
        ? file.Get(name)
        : throw new ModelFormatException(Path, $"there is no tensor '{name}'");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private void Add(string tensor, string fileName)
    {
        if (fileName.Length == 0 || fileName != System.IO.Path.GetFileName(fileName))
        {
            throw new ModelFormatException(Path, $"tensor '{tensor}' is in '{fileName}', which is not a plain file name");
        }

        if (!_files.TryGetValue(fileName, out SafetensorsFile? file))
        {
            string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, fileName);
            file = File.Exists(path) ? SafetensorsFile.Open(path) : throw new ModelFormatException(Path, $"the shard '{fileName}' does not exist");
            _files.Add(fileName, file);
        }

        if (!file.Tensors.TryGetValue(tensor, out TensorInfo? info))
        {
            throw new ModelFormatException(Path, $"tensor '{tensor}' is not in '{fileName}'");
        }

        if (!_tensors.TryAdd(tensor, info))
        {
            throw new ModelFormatException(Path, $"tensor '{tensor}' is described twice");
        }

        _fileOfTensor.Add(tensor, file);
    }
}
