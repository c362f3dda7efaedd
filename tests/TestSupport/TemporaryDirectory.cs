namespace Inference.TestSupport;

/// <summary>A directory of its own for a test, removed at the end.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long MinMemoryBytes = 1L << 30;

    /// <summary>Makes the directory.</summary>
    /// <param name="inMemory">
    /// For small files that are flushed often: in memory, where the system has a file system there with a gigabyte to spare. The tests' processes die, the machine does not.
    /// </param>
    public TemporaryDirectory(bool inMemory = false) =>
        Path = inMemory && MemoryRoot is { } root ? MakeIn(root) : Directory.CreateTempSubdirectory("inference-").FullName;

    /// <summary>A file system in memory with room, or null.</summary>
    public static string? MemoryRoot { get; } =
        Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= MinMemoryBytes ? Memory : null;

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>A path inside it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string MakeIn(string root) => Directory.CreateDirectory(System.IO.Path.Combine(root, $"inference-{Guid.NewGuid():N}")).FullName;
}
