using Inference.Models;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Peers.Bench;

/// <summary>A model file by name: a shape and a number format, such as 1b-q8_0. It is written with random weights where it is not there.</summary>
internal static class BenchModel
{
    private static readonly Dictionary<string, string> Shapes = new()
    {
        ["15m"] = "15m",
        ["0.5b"] = "qwen2.5-0.5b",
        ["1b"] = "llama-3.2-1b",
    };

    /// <summary>The file's path.</summary>
    /// <exception cref="ArgumentException">The name says no shape or format, or there is no vocabulary to write the file with.</exception>
    public static string Ensure(string directory, string name, string? vocabulary)
    {
        string path = Path.Combine(directory, $"{name}.gguf");
        if (File.Exists(path))
        {
            return path;
        }

        if (name.Split('-') is not [string size, string type] || !Shapes.TryGetValue(size, out string? shape) || !Enum.TryParse(type, ignoreCase: true, out DType stored))
        {
            throw new ArgumentException($"'{name}' is no file of '{directory}' and no shape ({string.Join(", ", Shapes.Keys)}) with a format ({string.Join(", ", Enum.GetNames<DType>())})");
        }

        if (vocabulary is null)
        {
            throw new ArgumentException($"'{path}' is not there; --vocabulary must name a .gguf file whose tokenizer it gets");
        }

        ModelConfig config = ModelShapes.Find(shape);
        Directory.CreateDirectory(directory);
        RandomModel.WriteGguf(path, config, stored, seed: 1, GgufVocabulary.Read(vocabulary, config.VocabularySize));
        return path;
    }
}
