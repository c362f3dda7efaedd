using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Inference.TestSupport;

/// <summary>A native library that the test compiles from C and loads from a file of its own, so that its state is its own too.</summary>
public class NativeDouble : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> Compiled = new();

    private readonly TemporaryDirectory _directory = new();
    private readonly nint _library;

    /// <summary>Compiles it, where this process has not yet, and loads it.</summary>
    /// <param name="source">Name of the C file in the directory Doubles beside the program, without its end.</param>
    /// <param name="definitions">For the compiler: -DNAME.</param>
    public NativeDouble(string source, params string[] definitions)
    {
        Path = _directory.File(source + ".so");
        File.WriteAllBytes(Path, Compiled.GetOrAdd(string.Join(' ', [source, .. definitions]), _ => new(() => Compile(source, definitions))).Value);
        _library = NativeLibrary.Load(Path);
    }

    /// <summary>Path of the library.</summary>
    public string Path { get; }

    /// <summary>Sets or reads one of its variables.</summary>
    public int this[string variable]
    {
        get => Marshal.ReadInt32(Export(variable));
        set => Marshal.WriteInt32(Export(variable), value);
    }

    /// <summary>Address of one of its functions or variables.</summary>
    protected nint Export(string name) => NativeLibrary.GetExport(_library, "double_" + name);

    /// <summary>Removes the file. The library stays loaded: finalizers may still call it.</summary>
    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private static byte[] Compile(string source, string[] definitions)
    {
        using TemporaryDirectory directory = new();
        string output = directory.File("double.so");
        CommandLineTool.Run("cc", ["-shared", "-fPIC", "-O1", .. definitions, "-o", output, System.IO.Path.Combine(AppContext.BaseDirectory, "Doubles", source + ".c")]);
        return File.ReadAllBytes(output);
    }
}
