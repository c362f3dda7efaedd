using System.Text.Json;

namespace Inference.Peers.Bench;

/// <summary>Samples as lines of JSON, so that a comparison may be made in several runs and reported as one.</summary>
internal sealed class SampleFile(string path)
{
    public void Append(Sample sample) => File.AppendAllText(path, JsonSerializer.Serialize(sample) + "\n");

    public IReadOnlyList<Sample> Read() => File.Exists(path)
        ? [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<Sample>(line)!)]
        : [];
}
