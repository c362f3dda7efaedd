using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The architectures that can be served. Adding one is a file beside this and a line here: docs/add-a-model.md.</summary>
public static class ArchitectureRegistry
{
    /// <summary>All architectures. Of several with one name in GGUF the first that reads a file has it.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        Mixtral.Architecture,
        Mistral.Architecture,
        Llama.Architecture,
        SmolLm3.Architecture,
        Qwen2.Architecture,
        Qwen3.Architecture,
        Qwen3Moe.Architecture,
        Phi3.Architecture,
        Gemma2.Architecture,
        Gemma3.Architecture,
        Olmo3.Architecture,
        Olmo2.Architecture,
    ];

    /// <summary>The architecture of a name (`model_type`), or null.</summary>
    public static Architecture? Find(string name) => All.FirstOrDefault(a => a.Name == name);

    /// <summary>Opens a model (a Hugging Face directory or a `.gguf` file) and makes it ready to run on a backend.</summary>
    /// <exception cref="ModelFormatException">The files are damaged, incomplete, or of an architecture that is not supported.</exception>
    public static ICausalModel Load(string path, IBackend backend)
    {
        ModelWeights weights = ModelWeights.Open(path);
        ICausalModel? model = null;
        try
        {
            model = weights.Architecture.Create(weights, backend);
            weights.RefuseLeftTensors();
            return model;
        }
        catch
        {
            (model as IDisposable ?? weights).Dispose();
            throw;
        }
    }

    /// <summary>The architecture of a `model_type`.</summary>
    /// <exception cref="ModelFormatException">It is not supported.</exception>
    internal static Architecture Supported(string name, string file) => Find(name) ?? throw NotSupported(name, file, All.Select(a => a.Name));

    /// <summary>The architecture of a GGUF file.</summary>
    /// <exception cref="ModelFormatException">It is not supported.</exception>
    internal static Architecture SupportedGguf(string name, GgufMetadata metadata, string file) =>
        All.FirstOrDefault(a => a.GgufName == name && a.ReadsGguf(metadata)) ?? throw NotSupported(name, file, All.Select(a => a.GgufName).Distinct());

    private static ModelFormatException NotSupported(string name, string file, IEnumerable<string> supported) =>
        new(file, $"architecture '{name}' is not supported (supported: {string.Join(", ", supported)})");
}
