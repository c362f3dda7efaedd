using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Inference.Jobs.Tests;

/// <summary>tests/Jobs.TestWorker as a process of its own, to be killed, stopped and woken.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _log = new();

    private WorkerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts a worker on the queue; it halts jobs at a point, if one is named.</summary>
    public static WorkerProcess Start(TestQueue queue, string name, TimeSpan lease, string? haltAt = null)
    {
        string milliseconds = lease.TotalMilliseconds.ToString(CultureInfo.InvariantCulture);
        string[] arguments = [queue.KindText, queue.Connection, name, milliseconds, queue.Artifacts];
        ProcessStartInfo start = new("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "Inference.Jobs.TestWorker.dll"), .. arguments, .. haltAt is null ? Array.Empty<string>() : [haltAt]])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new WorkerProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a line that begins so.</summary>
    public async Task<string> ExpectAsync(string beginning)
    {
        using CancellationTokenSource limit = new(Limit);
        try
        {
            return await Task.Run(() => _lines.GetConsumingEnumerable(limit.Token).First(l => l.StartsWith(beginning, StringComparison.Ordinal)));
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            throw new InvalidOperationException($"no '{beginning}' from the worker:\n{string.Join('\n', _log)}", e);
        }
    }

    /// <summary>Lets a halted job go on.</summary>
    public void Go() => _process.StandardInput.WriteLine();

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it in the middle of whatever it does.</summary>
    public void Stop() => Signal("STOP");

    /// <summary>Lets a stopped one go on, as if no time had passed.</summary>
    public void Continue() => Signal("CONT");

    /// <summary>Asks it to leave.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> LeaveAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        _lines.Dispose();
    }

    private void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        _log.Enqueue(line);
        _lines.Add(line);
    }
}
