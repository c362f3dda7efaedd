using Inference.Tensors.Cuda.CublasLt;
using Inference.Tensors.Cuda.Driver;
using Inference.Tensors.Cuda.Nvml;

namespace Inference.Tensors.Cuda;

/// <summary>Looks what NVIDIA's driver and libraries offer here. It takes no memory of a GPU and starts nothing on it.</summary>
public static class CudaProbe
{
    /// <summary>Looks at everything; what is missing is told in words.</summary>
    public static CudaReport Look(CudaLibraries libraries)
    {
        IReadOnlyList<CudaDeviceFacts> devices = [];
        Finding<string> driver = Try(() =>
        {
            CudaDriver found = new(libraries.Driver);
            devices = [.. found.Devices.Select(Facts)];
            return $"CUDA {found.Version}, {found.Library}";
        });
        return new CudaReport(
            driver, devices, Try(() => new NvmlLibrary(libraries.Nvml).Read()),
            Try(() => Describe(new CublasLtApi(libraries.CublasLt))));
    }

    /// <summary>The facts of a GPU that can be used.</summary>
    /// <param name="index">The N of cuda:N.</param>
    /// <param name="libraries">Where the driver is.</param>
    /// <exception cref="DeviceUnavailableException">No driver, an old one, no such GPU, or one that cannot be used: says which.</exception>
    public static CudaDeviceFacts Require(int index, CudaLibraries libraries)
    {
        try
        {
            IReadOnlyList<CudaDevice> devices = new CudaDriver(libraries.Driver).Devices;
            CudaDeviceFacts facts = index < devices.Count ? Facts(devices[index]) : throw new DeviceUnavailableException(
                $"cuda:{index} is not here; the driver shows {(devices.Count == 0 ? "no GPU" : string.Join(", ", devices.Select(d => $"cuda:{d.Index} ({d.Name})")))}");
            return facts.Unusable is null ? facts : throw new DeviceUnavailableException(facts.Unusable);
        }
        catch (CudaException exception)
        {
            throw new DeviceUnavailableException(exception.Message, exception);
        }
    }

    private static string Describe(CublasLtApi library) => $"{library.Version}, {library.Library}";

    private static CudaDeviceFacts Facts(CudaDevice device) => new(
        device.Index, device.Name, device.Uuid, device.PciBusId, device.Architecture, device.MemoryBytes,
        device.Attribute(DeviceAttribute.Multiprocessors), device.Attribute(DeviceAttribute.L2Bytes), device.Attribute(DeviceAttribute.SharedMemoryPerBlock),
        device.Attribute(DeviceAttribute.MemoryBusBits), device.Unusable());

    private static Finding<T> Try<T>(Func<T> look)
        where T : class
    {
        try
        {
            return new Finding<T>(look(), null);
        }
        catch (Exception exception) when (exception is DeviceUnavailableException or CudaException)
        {
            return new Finding<T>(null, exception.Message);
        }
    }
}
