using Inference.Models.Weights;

namespace Inference.Peers.Bench;

/// <summary>
/// What the machine allows at most for a step of n rows: the weights read once at the measured bandwidth, or two operations
/// a weight and row at the measured rate of multiply-adds of its format (F32 and F16 in F32, BF16 in pairs, quantised
/// weights as bytes), whichever takes longer.
/// </summary>
internal sealed class Limits(string modelsDirectory, double bytesPerSecond, double flops, double pairs, double bytes)
{
    /// <summary>Tokens a second; null where the file is not there.</summary>
    public double? TokensPerSecond(string model, int rows)
    {
        string path = Path.Combine(modelsDirectory, $"{model}.gguf");
        if (!File.Exists(path))
        {
            return null;
        }

        using GgufFile file = GgufFile.Open(path);
        TensorInfo[] tensors = [.. file.Tensors.Values.Where(t => t.Shape.Count == 2)];
        TensorInfo table = tensors.Single(t => t.Name == "token_embd.weight");
        bool tied = !file.Tensors.ContainsKey("output.weight");
        double size = tensors.Sum(t => (double)t.ByteLength) - (tied ? 0 : table.ByteLength);
        double head = (double)table.Shape[0] * table.Shape[1];
        double weights = tensors.Sum(t => (double)t.Shape[0] * t.Shape[1]) - (tied ? head : 2 * head);

        // The head is computed for the last token of a prompt, and for every row of a decode step.
        double operations = 2 * ((rows * weights) + ((rows == 512 ? 1 : rows) * head));
        double rate = table.StoredType switch { "F32" or "F16" => flops, "BF16" => pairs, _ => bytes };
        return rows / Math.Max(size / bytesPerSecond, operations / rate);
    }
}
