namespace Inference.Artifacts;

/// <summary>Where a host keeps what is its own. Section "Storage".</summary>
public sealed class StorageOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>The data directory. Empty (default): "inference" in the user's local application data.</summary>
    public string Directory { get; set; } = "";

    /// <summary>The data directory's full path.</summary>
    public string FullPath => Path.GetFullPath(Directory.Length > 0 ? Directory : Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "inference"));
}
