using System.Diagnostics;
using System.Globalization;

namespace Inference.Peers.Bench;

/// <summary>A process that is measured: its output where it ends by itself, its peak memory where it serves.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The largest resident set so far, in MiB (VmHWM of Linux).</summary>
    public double PeakMemory
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public static ChildProcess Start(string file, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(), // Some peers leave logs where they run.
        };
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Runs a process to its end.</summary>
    /// <returns>Its standard output, and what it wrote to standard error.</returns>
    public static async Task<(string Output, string Errors)> RunAsync(string file, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        ChildProcess process = Start(file, arguments);
        await using (process)
        {
            await process._process.WaitForExitAsync(cancellation);
            return process._process.ExitCode == 0 ? (await process._output, await process._errors) : throw await process.FailureAsync();
        }
    }

    /// <summary>Throws where the process has ended, with what it said.</summary>
    public async Task ThrowIfEndedAsync()
    {
        if (_process.HasExited)
        {
            throw await FailureAsync();
        }
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

    private async Task<InvalidOperationException> FailureAsync()
    {
        string said = await _errors + await _output;
        return new InvalidOperationException($"{_process.StartInfo.FileName} ended with {_process.ExitCode}: {said[Math.Max(0, said.Length - 2000)..]}");
    }
}
