using System.Security.Cryptography;
using System.Text.Json;
using Inference.Models;

namespace Inference.Training.FineTuning;

/// <summary>What must be the same when a run is resumed.</summary>
internal static class RunIdentity
{
    private const int SampleBytes = 1 << 16;

    /// <summary>
    /// SHA-256 of the base and the options, but for those that bound memory or say how often something is written. Of a base's files the
    /// names, lengths, beginnings and ends count: reading all would take longer than a resume may.
    /// </summary>
    public static string Of(string modelPath, ModelConfig config, FineTuningOptions options)
    {
        FineTuningOptions deciding = options with { MicroBatchRows = 0, HeadChunkRows = 0, GradientCheckpointing = false, CheckpointEvery = 0, KeepCheckpoints = 0 };
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(config));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(deciding));
        string[] files = Directory.Exists(modelPath)
            ? [.. Directory.GetFiles(modelPath).Where(f => f.EndsWith(".safetensors", StringComparison.Ordinal) || Path.GetFileName(f) == "config.json").Order(StringComparer.Ordinal)]
            : [modelPath];
        byte[] sample = new byte[SampleBytes];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(new { Name = Path.GetFileName(file), stream.Length }));
            hash.AppendData(sample, 0, stream.ReadAtLeast(sample, SampleBytes, throwOnEndOfStream: false));
            stream.Seek(-Math.Min(SampleBytes, stream.Length), SeekOrigin.End);
            hash.AppendData(sample, 0, stream.ReadAtLeast(sample, SampleBytes, throwOnEndOfStream: false));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
