using Inference.Models;
using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Text.ChatTemplates;
using Inference.Text.Tokenizers;

namespace Inference.JobWorker.Models;

/// <summary>What data sets and estimates need of a model; its weights stay on the disk.</summary>
/// <param name="Name">Name that jobs use.</param>
/// <param name="Path">Directory or .gguf file.</param>
/// <param name="Config">Shape and constants.</param>
/// <param name="ParameterCount">Numbers that were trained.</param>
/// <param name="WeightBytes">Bytes of its files.</param>
/// <param name="Tokenizer">Its vocabulary.</param>
/// <param name="ChatTemplate">Its template; null where it has none.</param>
public sealed record BaseModel(
    string Name, string Path, ModelConfig Config, long ParameterCount, long WeightBytes, Tokenizer Tokenizer, ChatTemplate? ChatTemplate)
{
    /// <summary>Reads headers, vocabulary and template.</summary>
    /// <exception cref="ModelFormatException">A file is missing, damaged or not supported.</exception>
    /// <exception cref="TokenizerFormatException">The vocabulary cannot be read.</exception>
    /// <exception cref="ChatTemplateException">The template cannot be read.</exception>
    public static BaseModel Read(string name, string path)
    {
        using ModelWeights weights = ModelWeights.Open(path);
        Tokenizer tokenizer = Directory.Exists(path) ? Tokenizer.FromDirectory(path) : GgufTokenizer(path);
        ModelConfig config = weights.Config;
        long parameters = ArchitectureRegistry.Find(config.Architecture)?.Tensors(config)
            .Sum(t => t.Shape.Aggregate(1L, (count, n) => count * n)) ?? 0;
        long bytes = Directory.Exists(path)
            ? new DirectoryInfo(path).EnumerateFiles("*.safetensors").Sum(f => f.Length) : new FileInfo(path).Length;
        ChatTemplate? template = tokenizer.Config.ChatTemplate is { } source ? ChatTemplate.Parse(source) : null;
        return new BaseModel(name, path, config, parameters, bytes, tokenizer, template);
    }

    private static Tokenizer GgufTokenizer(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return Tokenizer.FromGguf(file.Metadata.Values);
    }
}
