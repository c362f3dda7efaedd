namespace Inference.Tensors.Cuda.Driver;

/// <summary>The driver of this machine, ready for use.</summary>
internal sealed unsafe class CudaDriver
{
    /// <summary>Loads and initialises the driver.</summary>
    /// <param name="path">Path of libcuda.so.1, or null to search it.</param>
    /// <param name="places">Where to search.</param>
    /// <exception cref="DeviceUnavailableException">No library, an old driver, no GPU, or the driver refuses to start: says which.</exception>
    public CudaDriver(string? path = null, LibraryPlaces? places = null)
    {
        LoadedLibrary library = LoadedLibrary.Load("NVIDIA's driver (libcuda.so.1)", (places ?? LibraryPlaces.System).ForDriver(path));
        Library = library.Path;
        Api = new DriverApi(library);

        int version = 0;
        Api.Check("cuDriverGetVersion", Api.DriverGetVersion(&version));
        Version = new Version(version / 1000, version % 1000 / 10);
        if (version < DriverApi.OldestVersion)
        {
            throw new DeviceUnavailableException($"the driver ({Library}) is for CUDA {Version}; 12.0 (driver R525) or newer is needed");
        }

        int code = Api.Init(0);
        if (code != (int)CudaError.Success)
        {
            CudaException failure = Api.Failure("cuInit", code);
            throw new DeviceUnavailableException($"{Reason((CudaError)code)} ({failure.Message})", failure);
        }

        int count = 0;
        Api.Check("cuDeviceGetCount", Api.DeviceGetCount(&count));
        Devices = [.. Enumerable.Range(0, count).Select(i => new CudaDevice(Api, i))];
    }

    /// <summary>The entry points.</summary>
    public DriverApi Api { get; }

    /// <summary>Name or path that the library was loaded by.</summary>
    public string Library { get; }

    /// <summary>The newest CUDA that the driver supports.</summary>
    public Version Version { get; }

    /// <summary>The GPUs, in the driver's order (see CUDA_DEVICE_ORDER and CUDA_VISIBLE_DEVICES).</summary>
    public IReadOnlyList<CudaDevice> Devices { get; }

    /// <summary>Why the driver does not start, for those who can change it.</summary>
    private static string Reason(CudaError error) => error switch
    {
        CudaError.NoDevice => "the driver sees no GPU: none is built in, CUDA_VISIBLE_DEVICES hides it, or the container was started without it",
        // CUDA_ERROR_STUB_LIBRARY: a name of CUDA's, for the libcuda that toolkits bring for linking.
        CudaError.StubLibrary => "this libcuda is the toolkit's stub for linking, not the driver's: take the stubs directory out of the loader's path",
        CudaError.SystemDriverMismatch => "libcuda and the kernel's driver are of different versions: restart the machine after a driver update, or mount the host's own libcuda into the container",
        CudaError.CompatNotSupportedOnDevice => "this GPU does not support the forward-compatible libcuda (cuda-compat) that was loaded: use the driver's own",
        CudaError.SystemNotReady => "the system is not ready: on machines with NVSwitch the Fabric Manager must run",
        _ => "the driver does not start",
    };
}
