using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// Models of a given shape with random weights, for measurements and tests. Every number follows from the seed, the
/// tensor's name, the row and the column, by integer arithmetic and one rounding, so that files are the same everywhere.
/// </summary>
public static class RandomModel
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>Writes a Hugging Face directory (F32, F16 or BF16).</summary>
    /// <exception cref="ArgumentException">The architecture or the number format is not supported.</exception>
    public static void WriteHuggingFace(string directory, ModelConfig config, DType type, ulong seed, long maxShardBytes = 5_000_000_000) =>
        ModelWriter.WriteHuggingFace(directory, config, type, Rows(seed), maxShardBytes);

    /// <summary>Writes a GGUF file (any format); <paramref name="metadata"/> may add a tokenizer.</summary>
    /// <exception cref="ArgumentException">The architecture is not supported, or a row does not divide into blocks.</exception>
    public static void WriteGguf(string path, ModelConfig config, DType type, ulong seed, IReadOnlyDictionary<string, object>? metadata = null) =>
        ModelWriter.WriteGguf(path, config, type, Rows(seed), metadata);

    /// <summary>
    /// The weights of a seed, uniform: matrices have variance 1 / inputs, embeddings 1, biases lie within 1/2 of 0, norms
    /// within 1/4 of 1.
    /// </summary>
    public static FillTensorRow Rows(ulong seed) => (name, row, values) =>
    {
        (float center, float reach) = name switch
        {
            _ when name.EndsWith("norm.weight", StringComparison.Ordinal) => (1, 0.25f),
            _ when name.EndsWith(".bias", StringComparison.Ordinal) => (0, 0.5f),
            _ when name.Contains("embed", StringComparison.Ordinal) => (0, MathF.Sqrt(3)),
            _ => (0, MathF.Sqrt(3f / values.Length)),
        };
        ulong state = Mix(Mix(seed + Hash(name)) + (ulong)row);
        for (int i = 0; i < values.Length; i++)
        {
            state += Golden;
            int signed = (int)(Mix(state) >> 40) - (1 << 23);
            values[i] = center + (reach * (signed * (1f / (1 << 23))));
        }
    };

    /// <summary>FNV-1a.</summary>
    private static ulong Hash(string name)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 0x100000001B3;
        }

        return hash;
    }

    /// <summary>The output function of SplitMix64 (Steele, Lea, Flood, 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
