using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.Nvml;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

public class NvmlTests
{
    [ToolTheory("cc")]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(-1, null)]
    public void A_report_has_driver_names_memory_and_mig(int mig, bool? enabled)
    {
        using NativeDouble library = new("nvml");
        library["mig"] = mig;

        NvmlReport report = new NvmlLibrary(library.Path).Read();

        Assert.Equal("580.159.03", report.DriverVersion);
        Assert.Equal([new NvmlDevice("Double 0x10", "GPU-0x10", "00000000:1B:00.0", 139L << 30, 138L << 30, enabled)], report.Devices);
        Assert.Equal(0, library["open"]);
    }

    [ToolFact("cc")]
    public void A_failure_names_the_call_and_the_librarys_words()
    {
        using NativeDouble library = new("nvml");
        library["init"] = 9;

        Assert.Equal("nvmlInit_v2: 9 (Driver Not Loaded)", Assert.Throws<DeviceUnavailableException>(() => new NvmlLibrary(library.Path).Read()).Message);
    }
}
