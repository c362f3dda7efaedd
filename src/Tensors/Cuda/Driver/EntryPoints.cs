namespace Inference.Tensors.Cuda.Driver;

/// <summary>Looks up the entry points of a library and keeps the names of those that it lacks.</summary>
internal sealed class EntryPoints(LoadedLibrary library)
{
    private readonly List<string> _missing = [];

    /// <summary>Address of an entry point; 0 and noted where it is missing.</summary>
    public nint this[string name]
    {
        get
        {
            nint address = library.Find(name);
            if (address == 0)
            {
                _missing.Add(name);
            }

            return address;
        }
    }

    /// <summary>Ends the looking up.</summary>
    /// <param name="needed">The oldest version that has them all, in words.</param>
    /// <exception cref="DeviceUnavailableException">Some are missing: names them.</exception>
    public void ThrowIfMissing(string needed)
    {
        if (_missing.Count > 0)
        {
            throw new DeviceUnavailableException($"{library.Path} lacks {string.Join(", ", _missing)}; {needed} is needed");
        }
    }
}
