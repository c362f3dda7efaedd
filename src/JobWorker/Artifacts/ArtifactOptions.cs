namespace Inference.JobWorker.Artifacts;

/// <summary>Where data sets, checkpoints and adapters lie; all workers of a queue share it. Section "Artifacts".</summary>
public sealed class ArtifactOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Artifacts";

    /// <summary>A directory, if no bucket is configured. Empty (default): "artifacts" in the data directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>A bucket in its place.</summary>
    public S3Options S3 { get; set; } = new();
}
