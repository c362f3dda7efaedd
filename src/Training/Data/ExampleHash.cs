using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Inference.Training.Data;

/// <summary>What a data set is known by.</summary>
public static class ExampleHash
{
    /// <summary>SHA-256 of all tokens and weights, in lower-case hexadecimal.</summary>
    public static string Of(IEnumerable<TrainingExample> examples)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (TrainingExample example in examples)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, example.Tokens.Length);
            hash.AppendData(length);
            hash.AppendData(MemoryMarshal.AsBytes(example.Tokens.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(example.Weights.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
