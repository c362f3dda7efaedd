using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Inference.TestSupport;

namespace Inference.Cuda.Tests.Doubles;

/// <summary>A native library that the test compiles from C and loads from a file of its own, so that its state is its own too.</summary>
internal class NativeDouble : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> Compiled = new();

    private readonly TemporaryDirectory _directory = new();
    private readonly nint _library;

    /// <param name="source">Name of the C file, without its end.</param>
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
    public unsafe ref int this[string variable] => ref *(int*)NativeLibrary.GetExport(_library, "double_" + variable);

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
