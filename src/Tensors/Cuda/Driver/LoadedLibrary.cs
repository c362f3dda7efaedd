using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>A native library, loaded for the life of the process.</summary>
internal sealed class LoadedLibrary
{
    private readonly nint _handle;

    private LoadedLibrary(string path, nint handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The name or path that it was loaded by.</summary>
    public string Path { get; }

    /// <summary>Loads the first that can be loaded.</summary>
    /// <param name="what">What is searched, for the message.</param>
    /// <param name="places">Paths, or file names for the system's loader, best first.</param>
    /// <exception cref="DeviceUnavailableException">None can be loaded: names each place and why.</exception>
    public static LoadedLibrary Load(string what, IEnumerable<string> places)
    {
        List<string> failures = [];
        foreach (string place in places)
        {
            bool isPath = place.Contains('/', StringComparison.Ordinal);
            if (isPath && !File.Exists(place))
            {
                failures.Add($"{place} (no such file)");
                continue;
            }

            try
            {
                return new LoadedLibrary(place, NativeLibrary.Load(place));
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                failures.Add($"{place} ({(isPath ? LoaderWords(exception, place) : "not known to the system's loader")})");
            }
        }

        throw new DeviceUnavailableException($"{what} is not here; looked for {string.Join(", ", failures)}");
    }

    /// <summary>Address of an entry point, or 0 where the library has none of that name.</summary>
    public nint Find(string entryPoint) => NativeLibrary.TryGetExport(_handle, entryPoint, out nint address) ? address : 0;

    /// <summary>The line of the loader's message that speaks of the file itself.</summary>
    private static string LoaderWords(Exception exception, string place) =>
        exception.Message.Split('\n').FirstOrDefault(l => l.StartsWith(place + ":", StringComparison.Ordinal))?[(place.Length + 1)..].Trim()
        ?? "cannot be loaded";
}
