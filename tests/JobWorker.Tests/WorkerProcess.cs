using System.Diagnostics;
using System.Globalization;
using Inference.JobWorker.TestTrainer;

namespace Inference.JobWorker.Tests;

/// <summary>A job worker as a process of its own, to be killed, stopped and woken.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
    }

    /// <summary>Starts a worker on a host's queue and files.</summary>
    public static WorkerProcess Start(string directory, string name, TimeSpan lease, params string[] settings)
    {
        string[] arguments =
        [
            typeof(Chain).Assembly.Location, "--Server:GrpcPort=0", "--Server:HttpPort=0", $"--Storage:Directory={directory}",
            $"--Worker:Name={name}", $"--Worker:Node={name}", $"--Worker:Lease={lease}", "--Worker:PollInterval=00:00:00.100",
            "--Models:Load:0:Name=tiny", $"--Models:Load:0:Path={directory}", "--Queue:MaxFruitlessAttempts=100", "--Queue:BackOff=00:00:00",
            "--Logging:LogLevel:Default=Error", .. settings,
        ];
        return new WorkerProcess(Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP, SIGCONT, SIGTERM.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
