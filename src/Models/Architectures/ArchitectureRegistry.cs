using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The architectures that can be served. Adding one is a file beside this and a line here.</summary>
public static class ArchitectureRegistry
{
    /// <summary>All architectures.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        Llama.Architecture,
        Qwen2.Architecture,
    ];

    /// <summary>The architecture of a name, or null.</summary>
    public static Architecture? Find(string name) => All.FirstOrDefault(a => a.Name == name);

    /// <summary>Opens a model (a Hugging Face directory or a `.gguf` file) and makes it ready to run on a backend.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or of an architecture that is not supported.</exception>
    public static ICausalModel Load(string path, IBackend backend)
    {
        ModelWeights weights = ModelWeights.Open(path);
        try
        {
            Architecture architecture = Find(weights.Config.Architecture) ?? throw new ModelFormatException(
                path, $"architecture '{weights.Config.Architecture}' is not supported (supported: {string.Join(", ", All.Select(a => a.Name))})");
            return architecture.Create(weights, backend);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
