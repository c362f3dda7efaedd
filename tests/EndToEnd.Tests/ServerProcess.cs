using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Inference.EndToEnd.Tests;

/// <summary>The host as a process of its own, on free ports.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _grpc = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process) => _process = process;

    /// <summary>Lines of its log.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    /// <summary>Starts the host with one model and returns once it listens.</summary>
    public static async Task<(ServerProcess Server, Uri Grpc)> StartAsync(string modelPath, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "Inference.InferenceHost.dll"),
            "--Server:GrpcPort=0", "--Server:HttpPort=0",
            $"--Models:Load:0:Name={RunningServer.ModelName}", $"--Models:Load:0:Path={modelPath}",
            .. arguments,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        ServerProcess server = new(Process.Start(start)!);
        server._process.OutputDataReceived += (_, line) => server.Read(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Read(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return (server, await server._grpc.Task.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _grpc.TrySetException(new InvalidOperationException("the host ended: " + string.Join('\n', Output)));
            return;
        }

        Output.Enqueue(line);
        if (Regex.Match(line, "Serving: gRPC at (http://[^, ]+)") is { Success: true } serving)
        {
            _grpc.TrySetResult(new Uri(serving.Groups[1].Value));
        }
    }
}
