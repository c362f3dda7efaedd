namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// Where NVIDIA's libraries may be on Linux. A name without a directory is for the system's loader (LD_LIBRARY_PATH,
/// ld.so.cache) and comes first; then the places where containers, distributions, toolkits and Python packages put them.
/// </summary>
/// <param name="root">Root of the file system; tests give a directory of their own.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class LibraryPlaces(string root, Func<string, string?> environment)
{
    private const string Driver = "libcuda.so.1", Management = "libnvidia-ml.so.1";

    private static readonly string[] CublasLtNames = ["libcublasLt.so.13", "libcublasLt.so.12"];

    /// <summary>Of this machine.</summary>
    public static LibraryPlaces System { get; } = new("/", Environment.GetEnvironmentVariable);

    /// <summary>The driver's library.</summary>
    public IEnumerable<string> ForDriver(string? configured) => configured is null ? OfDriver(Driver) : [configured];

    /// <summary>The management library.</summary>
    public IEnumerable<string> ForNvml(string? configured) => configured is null ? OfDriver(Management) : [configured];

    /// <summary>cuBLASLt, newest first in each place. The paths that exist, after the loader's names.</summary>
    public IEnumerable<string> ForCublasLt(string? configured) => configured is null
        ? CublasLtNames.Concat(CublasLtDirectories().SelectMany(d => CublasLtNames.Select(n => Path.Combine(d, n))).Where(File.Exists).Distinct())
        : [configured];

    /// <summary>
    /// Directories that may hold cuBLASLt: toolkits, newest first, then Python environments: the active ones, those of the
    /// python3 on the PATH, the system's, the user's.
    /// </summary>
    public IEnumerable<string> CublasLtDirectories() =>
    [
        .. Toolkits().SelectMany(t => new[] { Path.Combine(t, "lib64"), Path.Combine(t, "targets", "x86_64-linux", "lib") }),
        .. PythonPrefixes().SelectMany(SitePackages).SelectMany(s => new[] { Path.Combine(s, "nvidia", "cu13", "lib"), Path.Combine(s, "nvidia", "cublas", "lib") }).Distinct(),
    ];

    private IEnumerable<string> OfDriver(string name) =>
    [
        name,
        At("usr/local/nvidia/lib64", name), // container runtimes
        At("usr/lib/x86_64-linux-gnu/nvidia/current", name), // Debian, before its alternatives are set
        At("usr/lib/wsl/lib", name),
        At("run/opengl-driver/lib", name), // NixOS
    ];

    private IEnumerable<string> Toolkits()
    {
        string? configured = environment("CUDA_HOME") ?? environment("CUDA_PATH");
        string[] installed = Subdirectories(At("usr/local"), "cuda*");
        return (configured is null ? [] : new[] { configured }).Concat(installed.OrderByDescending(ToolkitVersion));
    }

    /// <summary>/usr/local/cuda is the chosen one; cuda-13.0 is newer than cuda-12.8.</summary>
    private static Version ToolkitVersion(string directory) =>
        Path.GetFileName(directory) == "cuda" ? new Version(int.MaxValue, 0)
        : Version.TryParse(Path.GetFileName(directory).Replace("cuda-", "", StringComparison.Ordinal), out Version? version) ? version : new Version(0, 0);

    private IEnumerable<string> PythonPrefixes()
    {
        IEnumerable<string?> active = [environment("VIRTUAL_ENV"), environment("CONDA_PREFIX")];
        IEnumerable<string?> onPath = (environment("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(d => File.Exists(Path.Combine(d, "python3"))).Select(Path.GetDirectoryName);
        string? home = environment("HOME");
        return active.Concat(onPath).Concat([At("usr/local"), At("usr"), home is null ? null : Path.Combine(home, ".local")]).OfType<string>().Distinct();
    }

    private static IEnumerable<string> SitePackages(string prefix) =>
        Subdirectories(Path.Combine(prefix, "lib"), "python3*").Order(StringComparer.Ordinal)
            .SelectMany(p => new[] { Path.Combine(p, "site-packages"), Path.Combine(p, "dist-packages") }).Where(Directory.Exists);

    private static string[] Subdirectories(string directory, string pattern) =>
        Directory.Exists(directory) ? Directory.GetDirectories(directory, pattern) : [];

    private string At(params ReadOnlySpan<string> parts) => Path.Combine(root, Path.Combine(parts));
}
