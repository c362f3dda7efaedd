using Inference.Models.Lora;

namespace Inference.Generation.Adapters;

/// <summary>Lengths and times of an adapter's files: what was replaced under the same path is another adapter.</summary>
internal readonly record struct FileStamp(long ConfigLength, DateTime ConfigWritten, long TensorsLength, DateTime TensorsWritten)
{
    public static FileStamp Of(string directory)
    {
        FileInfo config = new(Path.Combine(directory, PeftConfigFile.Name)), tensors = new(Path.Combine(directory, PeftAdapter.TensorsName));
        return new FileStamp(
            config.Exists ? config.Length : -1, config.LastWriteTimeUtc, tensors.Exists ? tensors.Length : -1, tensors.LastWriteTimeUtc);
    }
}
