using Inference.TestSupport;

namespace Inference.Cli.Tests;

/// <summary>What `serve --device` says, on a double of NVIDIA's driver.</summary>
public class DeviceTests
{
    [ToolFact("cc")]
    public async Task A_gpu_that_is_there_ends_the_start_since_no_backend_uses_it()
    {
        using NativeDouble driver = new("cuda");

        CliProcess run = await CliProcess.RunAsync("", "serve", "--device", "cuda:0", $"--Device:CudaDriverPath={driver.Path}");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Device:Name cuda:0: cuda:0 (Double 0) is there, but this version has no CUDA backend yet; the device cpu runs models", run.Errors);
    }

    [ToolFact("cc")]
    public async Task A_gpu_that_is_not_there_ends_the_start_with_those_that_are()
    {
        using NativeDouble driver = new("cuda");

        CliProcess run = await CliProcess.RunAsync("", "serve", "--device", "cuda:1", $"--Device:CudaDriverPath={driver.Path}");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Device:Name cuda:1: cuda:1 is not here; the driver shows cuda:0 (Double 0)", run.Errors);
    }

    [Fact]
    public async Task Auto_takes_the_cpu_and_logs_why()
    {
        using TemporaryDirectory models = new();
        Directory.CreateDirectory(models.File("empty"));

        // An empty directory is no model: the host ends once it has chosen the device.
        CliProcess run = await CliProcess.RunAsync(
            "", "serve", "--device", "auto", "--Device:CudaDriverPath=/no/libcuda.so.1", "--model", $"empty={models.File("empty")}", $"--Models:Roots:0={models.Path}",
            "--http-port", "0", "--grpc-port", "0");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches("Device auto is the CPU: NVIDIA.*? is not here; looked for /no/libcuda.so.1 [(]no such file[)]", run.Output + run.Errors);
    }
}
