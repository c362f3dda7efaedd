using System.Collections.Concurrent;
using Inference.Models.Weights;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Models;

/// <summary>Finds the models that jobs may build on, by name. Names are compared, never put together to paths.</summary>
public sealed class BaseModels
{
    private readonly string[] _roots;
    private readonly (string Name, string Path)[] _named;
    private readonly ConcurrentDictionary<string, BaseModel> _read = new();

    /// <summary>Takes the configuration.</summary>
    public BaseModels(IOptions<BaseModelOptions> options, IHostEnvironment environment)
    {
        _roots = [.. options.Value.Roots.Select(r => Path.GetFullPath(Path.Combine(environment.ContentRootPath, r)))];
        _named = [.. options.Value.Load.Select(m => (m.Name, Locate(m.Path)))];
    }

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => [.. Paths().Select(p => p.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Directory or .gguf file of a model; null where there is none of this name.</summary>
    public string? FindPath(string name) =>
        Paths().Where(p => p.Name == name).Select(p => p.Path).FirstOrDefault(Path.Exists);

    /// <summary>The model; null where there is none of this name. Read once.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or not supported.</exception>
    /// <exception cref="Text.Tokenizers.TokenizerFormatException">The vocabulary cannot be read.</exception>
    /// <exception cref="Text.ChatTemplates.ChatTemplateException">The template cannot be read.</exception>
    public BaseModel? Find(string name) => FindPath(name) is { } path ? _read.GetOrAdd(path, p => BaseModel.Read(name, p)) with { Name = name } : null;

    private IEnumerable<(string Name, string Path)> Paths() => _named.Concat(_roots.Where(Directory.Exists).SelectMany(InRoot));

    private static IEnumerable<(string Name, string Path)> InRoot(string root) =>
        Directory.EnumerateDirectories(root).Where(d => File.Exists(Path.Combine(d, HuggingFaceConfig.FileName))).Select(d => (Path.GetFileName(d), d))
            .Concat(Directory.EnumerateFiles(root, "*.gguf").Select(f => (Path.GetFileNameWithoutExtension(f), f)));

    private string Locate(string path) => Path.IsPathRooted(path) ? path
        : _roots.Select(r => Path.Combine(r, path)).FirstOrDefault(Path.Exists) ?? path;
}
