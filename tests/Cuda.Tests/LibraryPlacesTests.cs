using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.CublasLt;
using Inference.Tensors.Cuda.Driver;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

public sealed class LibraryPlacesTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_configured_path_is_the_only_place()
    {
        LibraryPlaces places = Places();

        Assert.Equal(["/a"], places.ForDriver("/a"));
        Assert.Equal(["/b"], places.ForNvml("/b"));
        Assert.Equal(["/c"], places.ForCublasLt("/c"));
    }

    [Fact]
    public void The_drivers_libraries_are_asked_of_the_loader_first()
    {
        Assert.Equal("libcuda.so.1", Places().ForDriver(null).First());
        Assert.Equal("libnvidia-ml.so.1", Places().ForNvml(null).First());
        Assert.Contains(_root.File("usr/local/nvidia/lib64/libcuda.so.1"), Places().ForDriver(null));
    }

    [Fact]
    public void CublasLt_is_looked_for_in_toolkits_then_in_python_environments_newest_first()
    {
        string[] expected =
        [
            Make("opt/mine/lib64/libcublasLt.so.12"),
            Make("usr/local/cuda/lib64/libcublasLt.so.12"),
            Make("usr/local/cuda-13.0/targets/x86_64-linux/lib/libcublasLt.so.13"),
            Make("usr/local/cuda-12.8/lib64/libcublasLt.so.12"),
            Make("usr/local/cuda-9.2/lib64/libcublasLt.so.12"),
            Make("opt/env/lib/python3.12/site-packages/nvidia/cublas/lib/libcublasLt.so.12"),
            Make("opt/torch/.venv/lib/python3.12/site-packages/nvidia/cu13/lib/libcublasLt.so.13"),
            Make("usr/local/lib/python3.11/dist-packages/nvidia/cublas/lib/libcublasLt.so.12"),
            Make("home/me/.local/lib/python3.11/site-packages/nvidia/cublas/lib/libcublasLt.so.12"),
        ];
        Make("opt/torch/.venv/bin/python3");
        _environment["CUDA_HOME"] = _root.File("opt/mine");
        _environment["VIRTUAL_ENV"] = _root.File("opt/env");
        _environment["PATH"] = $"{_root.File("opt/empty/bin")}:{_root.File("opt/torch/.venv/bin")}";
        _environment["HOME"] = _root.File("home/me");

        Assert.Equal(["libcublasLt.so.13", "libcublasLt.so.12", .. expected], Places().ForCublasLt(null));
    }

    [Fact]
    public void The_first_library_that_loads_is_taken_and_the_others_are_not_asked()
    {
        string broken = Make("broken.so");

        LoadedLibrary library = LoadedLibrary.Load("x", [_root.File("absent.so"), broken, "libc.so.6", _root.File("later.so")]);

        Assert.Equal("libc.so.6", library.Path);
        Assert.NotEqual(0, library.Find("malloc"));
        Assert.Equal(0, library.Find("no_such_function"));
    }

    [Fact]
    public void Places_without_the_library_are_each_named_with_the_reason()
    {
        string broken = Make("broken.so");

        string message = Assert.Throws<DeviceUnavailableException>(() => LoadedLibrary.Load("X", ["libno-such.so.1", _root.File("absent.so"), broken])).Message;

        Assert.StartsWith(
            $"X is not here; looked for libno-such.so.1 (not known to the system's loader), {_root.File("absent.so")} (no such file), {broken} (file too short", message);
    }

    [Fact]
    public void Absent_cublasLt_says_which_directories_were_searched()
    {
        Make("usr/local/cuda-12.8/version.json");

        string message = Assert.Throws<DeviceUnavailableException>(() => new CublasLtApi(null, new LibraryPlaces(_root.Path, _ => null))).Message;

        Assert.EndsWith($", and in {_root.File("usr/local/cuda-12.8/lib64")}, {_root.File("usr/local/cuda-12.8/targets/x86_64-linux/lib")}", message);
    }

    private LibraryPlaces Places() => new(_root.Path, _environment.GetValueOrDefault);

    private string Make(string path)
    {
        string file = _root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        return file;
    }
}
