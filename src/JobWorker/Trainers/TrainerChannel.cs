using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Inference.JobWorker.Trainers;

/// <summary>
/// The trainer's end of the line to its worker. It kills its own process when the worker is gone (its standard input ends), or when the
/// worker has not said for so long that it holds the job that somebody else may (it was stopped, say): nobody else could.
/// </summary>
public sealed class TrainerChannel : IDisposable
{
    /// <summary>A line to the trainer: write a checkpoint and stop.</summary>
    internal const string StopLine = "stop";

    /// <summary>A line to the trainer, with milliseconds: so long is the job surely held.</summary>
    internal const string HeldLine = "held ";

    private readonly Stream _output;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Timer _fence;
    private readonly List<PosixSignalRegistration> _signals;

    /// <summary>Takes over the process's standard streams, and reads what is to do.</summary>
    /// <exception cref="JsonException">The first line is none that a worker writes.</exception>
    public TrainerChannel()
    {
        _output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error); // what libraries print must not come between the lines
        StreamReader lines = new(Console.OpenStandardInput(), Encoding.UTF8);
        Input = JsonSerializer.Deserialize(lines.ReadLine() ?? "null", TrainerJson.Default.TrainerInput)
            ?? throw new JsonException("standard input tells nothing to do");
        _fence = new Timer(
            _ => Die("the trainer has not been told for long enough that its job is held"),
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // A terminal and some supervisors signal the worker's children too; the worker decides when they stop.
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(s => PosixSignalRegistration.Create(s, c => c.Cancel = true))];
        new Thread(() => Listen(lines)) { IsBackground = true, Name = "worker" }.Start();
    }

    /// <summary>What to do.</summary>
    public TrainerInput Input { get; }

    /// <summary>Fires when the trainer is to write a checkpoint and stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Tells the worker. Waits while that is behind.</summary>
    public void Send(TrainerMessage message)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, TrainerJson.Default.TrainerMessage), (byte)'\n'];
        lock (_gate)
        {
            _output.Write(line);
            _output.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _fence.Dispose();
        _signals.ForEach(s => s.Dispose());
        _stopping.Dispose();
        _output.Dispose();
    }

    /// <summary>At once: nothing that this process still does counts, and what waits in it must not hold it up.</summary>
    private static void Die(string reason) => Environment.FailFast(reason);

    private void Listen(StreamReader lines)
    {
        while (lines.ReadLine() is { } line)
        {
            if (line == StopLine)
            {
                _ = _stopping.CancelAsync();
            }
            else if (line.StartsWith(HeldLine, StringComparison.Ordinal)
                && long.TryParse(line.AsSpan(HeldLine.Length), CultureInfo.InvariantCulture, out long milliseconds))
            {
                _fence.Change(milliseconds, Timeout.Infinite);
            }
        }

        Die("the trainer's worker is gone");
    }
}
