using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.VoiceHost.Tests;

public class DeviceOptionsTests
{
    [Fact]
    public void Models_of_speech_run_as_the_section_device_says()
    {
        using IBackend standard = new DeviceOptions().CreateBackend();
        using IBackend plain = new DeviceOptions { Threads = 3, EmittedCode = false }.CreateBackend();
        using IBackend single = new DeviceOptions { Threads = 3 }.CreateBackend(threads: 1);
        using CpuBackend best = new(Environment.ProcessorCount), withoutEmitted = new(3, CpuFeatures.Best, emittedKernels: false);

        Assert.Equal(best.Name, standard.Name);
        Assert.Equal(withoutEmitted.Name, plain.Name);
        Assert.Contains("3 threads", plain.Name);
        Assert.DoesNotContain("emitted", plain.Name);
        Assert.Contains("1 thread", single.Name);
    }
}
