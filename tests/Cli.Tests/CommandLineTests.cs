using System.Net;
using System.Net.Sockets;

namespace Inference.Cli.Tests;

/// <summary>Exit codes and messages where no server answers or the words make no sense.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("Unrecognized command or argument 'no-such-command'", "no-such-command")]
    [InlineData("--requests must be at least 1", "bench", "--requests", "0")]
    [InlineData("--concurrency must be at least 1", "bench", "--concurrency", "-3")]
    [InlineData("Cannot parse argument 'many' for option '--top-k'", "complete", "hi", "--top-k", "many")]
    [InlineData("--server: an address such as http://127.0.0.1:8081 is wanted, not 'nowhere'", "complete", "hi", "--server", "nowhere")]
    [InlineData("the scheme is http or https", "models", "list", "--server", "ftp://127.0.0.1:8081")]
    [InlineData("--model: NAME=PATH is wanted, not 'demo'", "serve", "--model", "demo")]
    [InlineData("'HttpPort' with the error: 'The field HttpPort must be between 0 and 65535.'", "serve", "--http-port", "70000")]
    [InlineData("Device:Name gpu: 'gpu' is no device; cpu, auto or cuda:N is wanted, N from 0 to 255", "serve", "--device", "gpu")]
    [InlineData("Device:Name cuda:-1: 'cuda:-1' is no device", "serve", "--device", "cuda:-1")]
    [InlineData("Device:Name cuda:256: 'cuda:256' is no device", "serve", "--device", "cuda:256")]
    [InlineData("Device:Name cuda:0: NVIDIA's driver (libcuda.so.1) is not here; looked for /no/libcuda.so.1 (no such file)", "serve", "--device", "cuda:0", "--Device:CudaDriverPath=/no/libcuda.so.1")]
    public async Task Wrong_usage_names_what_is_wrong_and_exits_with_2(string message, params string[] arguments)
    {
        CliProcess run = await CliProcess.RunAsync("", arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Errors);
    }

    [Theory]
    [InlineData("complete", "hi")]
    [InlineData("tokenize", "hi")]
    [InlineData("models", "list")]
    public async Task Without_a_server_the_command_exits_with_1_and_says_how_to_start_one(params string[] arguments)
    {
        // Bound but not listening: nobody else can take the port, and connecting to it is refused.
        using Socket port = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        CliProcess run = await CliProcess.RunAsync("", [.. arguments, "--server", $"http://{port.LocalEndPoint}"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"Connection refused ({port.LocalEndPoint}) (is it running? start it with: ./inference serve)", run.Errors);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public async Task Devices_are_listed_with_the_reasons_for_what_is_missing()
    {
        CliProcess run = await CliProcess.RunAsync("", "devices", "--driver", "/no/libcuda.so.1", "--nvml", "/no/libnvidia-ml.so.1", "--cublaslt", "/no/libcublasLt.so.12");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(
            [
                "cuda driver  none: NVIDIA's driver (libcuda.so.1) is not here; looked for /no/libcuda.so.1 (no such file)",
                "nvml         none: NVIDIA's management library (libnvidia-ml.so.1) is not here; looked for /no/libnvidia-ml.so.1 (no such file)",
                "cublasLt     none: cuBLASLt (libcublasLt.so.13 or .12) is not here; looked for /no/libcublasLt.so.12 (no such file)",
                "This version runs models on the CPU only: it has the edge to NVIDIA's driver, no CUDA backend yet.",
            ],
            run.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)[1..]);
        Assert.StartsWith("cpu          cpu (", run.Output);
    }

    [Fact]
    public async Task Help_lists_the_commands_and_exits_with_0()
    {
        CliProcess run = await CliProcess.RunAsync("", "--help");

        Assert.Equal(0, run.ExitCode);
        Assert.All((string[])["serve", "chat", "complete", "tokenize", "models", "devices", "bench"], command => Assert.Contains($"\n  {command} ", run.Output));
    }
}
