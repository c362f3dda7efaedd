using System.Reflection;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>PTX that is embedded in an assembly, under the name of its file.</summary>
internal static class PtxResource
{
    /// <summary>Reads a resource.</summary>
    /// <param name="assembly">Where it is embedded.</param>
    /// <param name="file">Name of the file, such as RmsNorm.ptx: the resource's name, or its end behind a dot.</param>
    /// <exception cref="FileNotFoundException">There is none: names what there is.</exception>
    /// <exception cref="InvalidDataException">It is not PTX.</exception>
    public static byte[] Read(Assembly assembly, string file)
    {
        string[] names = assembly.GetManifestResourceNames();
        string name = names.SingleOrDefault(n => n == file || n.EndsWith('.' + file, StringComparison.Ordinal))
            ?? throw new FileNotFoundException($"{assembly.GetName().Name} has no resource {file}; it has {(names.Length == 0 ? "none" : string.Join(", ", names))}", file);
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] ptx = new byte[stream.Length];
        stream.ReadExactly(ptx);
        return ptx.AsSpan().IndexOf(".version"u8) >= 0 && ptx.AsSpan().IndexOf(".target"u8) >= 0
            ? ptx : throw new InvalidDataException($"{name} is not PTX: it has no .version and .target");
    }
}
