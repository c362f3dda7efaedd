using Inference.Cuda.Tests.Doubles;
using Inference.Tensors.Cuda;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

public class ProbeTests
{
    [ToolFact("cc")]
    public void A_look_finds_what_each_library_tells()
    {
        using DriverDouble driver = new();
        using NativeDouble nvml = new("nvml");
        using NativeDouble cublasLt = new("cublaslt");

        CudaReport report = CudaProbe.Look(new CudaLibraries(driver.Path, nvml.Path, cublasLt.Path));

        Assert.Equal($"CUDA 12.4, {driver.Path}", report.Driver.Value);
        CudaDeviceFacts device = Assert.Single(report.Devices);
        Assert.Equal(("Double 0", 132, 60 << 20, 227 << 10, 6144), (device.Name, device.Multiprocessors, device.L2Bytes, device.SharedBytesPerBlock, device.MemoryBusBits));
        Assert.Equal("580.159.03", report.Nvml.Value?.DriverVersion);
        Assert.Equal($"12.4.5, {cublasLt.Path}", report.CublasLt.Value);
        Assert.DoesNotContain("cuDevicePrimaryCtxRetain", driver.Names);
    }

    [Fact]
    public void A_look_where_nothing_is_says_why_for_each()
    {
        CudaReport report = CudaProbe.Look(new CudaLibraries("/no/libcuda.so.1", "/no/libnvidia-ml.so.1", "/no/libcublasLt.so.12"));

        Assert.Empty(report.Devices);
        Assert.False(report.Driver.IsFound || report.Nvml.IsFound || report.CublasLt.IsFound);
        Assert.All([report.Driver.Missing, report.Nvml.Missing, report.CublasLt.Missing], m => Assert.Contains("/no/lib", m));
    }
}
