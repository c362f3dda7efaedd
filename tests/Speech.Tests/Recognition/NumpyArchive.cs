using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Inference.Speech.Tests.Recognition;

/// <summary>Arrays of 32-bit floats out of a .npz file (NumPy's format 1.0: magic, version, header length, header, data).</summary>
internal static class NumpyArchive
{
    public static float[] Read(string path, string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        using Stream entry = archive.GetEntry(name)!.Open();
        using MemoryStream bytes = new();
        entry.CopyTo(bytes);
        ReadOnlySpan<byte> data = bytes.ToArray();
        return MemoryMarshal.Cast<byte, float>(data[(10 + MemoryMarshal.Read<ushort>(data[8..]))..]).ToArray();
    }
}
