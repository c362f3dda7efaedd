namespace Inference.Artifacts;

/// <summary>Where data sets, checkpoints and adapters lie; all workers of a queue share it. Section "Artifacts".</summary>
public sealed class ArtifactOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Artifacts";

    /// <summary>A directory, if no bucket is configured. Empty (default): "artifacts" in the data directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>A bucket in its place.</summary>
    public S3Options S3 { get; set; } = new();

    /// <summary>Artifacts lie in a bucket.</summary>
    public bool IsBucket => S3.Bucket.Length > 0;

    /// <summary>A place is named; hosts that only read artifacts need one.</summary>
    public bool IsConfigured => IsBucket || Directory.Length > 0;

    /// <summary>The directory, where no bucket is configured.</summary>
    public string DirectoryIn(StorageOptions storage) => Path.GetFullPath(Directory.Length > 0 ? Directory : Path.Combine(storage.FullPath, "artifacts"));
}
