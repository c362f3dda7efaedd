using Inference.Models.Weights;
using Inference.Text.Tokenizers;

namespace Inference.Text.Bench;

/// <summary>Reads a tokenizer as a server does, from whatever the path is.</summary>
internal static class TokenizerFile
{
    public static Tokenizer Read(string path)
    {
        if (Directory.Exists(path))
        {
            return Tokenizer.FromDirectory(path);
        }

        if (!path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            return Tokenizer.FromJson(File.ReadAllBytes(path));
        }

        using GgufFile file = GgufFile.Open(path);
        return Tokenizer.FromGguf(file.Metadata.Values);
    }
}
