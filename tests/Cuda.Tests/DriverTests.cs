using Inference.Cuda.Tests.Doubles;
using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.Driver;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

/// <summary>The start of the driver, and the words where it fails.</summary>
public class DriverTests
{
    [ToolFact("cc")]
    public void A_driver_tells_its_version_and_its_devices()
    {
        using DriverDouble library = new();
        library["devices"] = 2;

        CudaDriver driver = library.Open();

        Assert.Equal(new Version(12, 4), driver.Version);
        Assert.Equal(library.Path, driver.Library);
        Assert.Equal(["Double 0", "Double 1"], driver.Devices.Select(d => d.Name));
        CudaDevice device = driver.Devices[1];
        Assert.Equal((1, "0000:02:00.0", 139L << 30, new Version(9, 0)), (device.Index, device.PciBusId, device.MemoryBytes, device.Architecture));
        Assert.Equal(Guid.Parse("00010203-0405-0607-0809-0a0b0c0d0e0f"), device.Uuid);
        Assert.Null(device.Unusable());
    }

    [Fact]
    public void A_missing_library_is_named_with_its_place() => Assert.Equal(
        "NVIDIA's driver (libcuda.so.1) is not here; looked for /nowhere/libcuda.so.1 (no such file)",
        Assert.Throws<DeviceUnavailableException>(() => new CudaDriver("/nowhere/libcuda.so.1")).Message);

    [Fact]
    public void A_file_that_is_no_library_is_told_in_the_loaders_words()
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("libcuda.so.1");
        File.WriteAllText(path, "text");

        string message = Assert.Throws<DeviceUnavailableException>(() => new CudaDriver(path)).Message;

        Assert.StartsWith($"NVIDIA's driver (libcuda.so.1) is not here; looked for {path} (file too short", message);
    }

    [ToolFact("cc")]
    public void An_old_driver_is_refused_with_its_version()
    {
        using DriverDouble library = new();
        library["version"] = 11080;

        Assert.Equal(
            $"the driver ({library.Path}) is for CUDA 11.8; 12.0 (driver R525) or newer is needed",
            Assert.Throws<DeviceUnavailableException>(library.Open).Message);
        Assert.DoesNotContain("cuInit", library.Names);
    }

    [ToolFact("cc")]
    public void A_driver_without_an_entry_point_is_refused_with_its_name()
    {
        using DriverDouble library = new("-DWITHOUT_POOLS");

        Assert.Equal(
            $"{library.Path} lacks cuMemPoolCreate, cuMemPoolDestroy, cuMemPoolSetAttribute, cuMemPoolGetAttribute, cuMemPoolTrimTo, cuMemAllocFromPoolAsync; a driver for CUDA 12.0 (R525) or newer is needed",
            Assert.Throws<DeviceUnavailableException>(library.Open).Message);
    }

    [ToolTheory("cc")]
    [InlineData(100, "sees no GPU: none is built in, CUDA_VISIBLE_DEVICES hides it, or the container was started without it (cuInit: 100 CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected))")]
    [InlineData(34, "the toolkit's stub")]
    [InlineData(802, "the Fabric Manager must run")]
    [InlineData(803, "libcuda and the kernel's driver are of different versions")]
    [InlineData(804, "cuda-compat")]
    [InlineData(999, "the driver does not start (cuInit: 999 CUDA_ERROR_UNKNOWN")]
    public void A_driver_that_does_not_start_says_why(int code, string words)
    {
        using DriverDouble library = new();
        library.Fail("cuInit", code);

        DeviceUnavailableException exception = Assert.Throws<DeviceUnavailableException>(library.Open);

        Assert.Contains(words, exception.Message);
        Assert.Equal(code, Assert.IsType<CudaException>(exception.InnerException).Code);
    }

    [ToolTheory("cc")]
    [InlineData("major", 7, "cuda:0 (Double 0) has compute capability 7.0; 8.0 (Ampere) or newer is needed")]
    [InlineData("pools", 0, "cuda:0 (Double 0) has no memory pools; its driver or virtualisation lacks them")]
    [InlineData("mode", 2, "cuda:0 (Double 0) is in compute mode PROHIBITED; nvidia-smi -c 0 allows it again")]
    public void A_device_that_cannot_be_used_says_why(string variable, int value, string words)
    {
        using DriverDouble library = new();
        library[variable] = value;

        Assert.Equal(words, Assert.Throws<DeviceUnavailableException>(library.OpenContext).Message);
        Assert.DoesNotContain("cuDevicePrimaryCtxRetain", library.Names);
        Assert.Equal(words, Assert.Throws<DeviceUnavailableException>(() => CudaProbe.Require(0, new CudaLibraries(library.Path))).Message);
    }

    [ToolFact("cc")]
    public void A_device_number_that_is_not_there_is_told_with_those_that_are()
    {
        using DriverDouble library = new();
        library["devices"] = 2;

        Assert.Equal("Double 1", CudaProbe.Require(1, new CudaLibraries(library.Path)).Name);
        Assert.Equal(
            "cuda:2 is not here; the driver shows cuda:0 (Double 0), cuda:1 (Double 1)",
            Assert.Throws<DeviceUnavailableException>(() => CudaProbe.Require(2, new CudaLibraries(library.Path))).Message);
    }

    [ToolFact("cc")]
    public void A_code_that_the_driver_does_not_know_keeps_its_number()
    {
        using DriverDouble library = new();
        library.Fail("cuDeviceGetCount", 12345);

        Assert.Equal("cuDeviceGetCount: 12345 unknown to this driver (unknown to this driver)", Assert.Throws<CudaException>(library.Open).Message);
    }
}
