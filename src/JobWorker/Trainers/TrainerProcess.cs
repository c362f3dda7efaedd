using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Inference.JobWorker.Trainers;

/// <summary>A trainer as a child process: it can be asked to stop, and killed when it does not.</summary>
internal sealed class TrainerProcess : IAsyncDisposable
{
    // What a trainer wrote last to its error stream, to explain its death.
    private const int ErrorLines = 20;

    // 128 + SIGKILL, as .NET reports it.
    private const int KilledExitCode = 137;

    private readonly Process _process;
    private readonly Queue<string> _errors = [];
    private readonly SemaphoreSlim _input = new(1);
    private readonly Task _readingErrors;
    private volatile bool _isKilled;

    private TrainerProcess(Process process)
    {
        _process = process;
        _readingErrors = ReadErrorsAsync();
    }

    /// <summary>Ends with the process.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>The child's number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether somebody other than this object killed it: on Linux most likely the kernel, for lack of memory.</summary>
    public bool WasKilledByOthers => _process.ExitCode == KilledExitCode && !_isKilled;

    /// <summary>Starts it.</summary>
    public static async Task<TrainerProcess> StartAsync(TrainerCommand command, TrainerInput input)
    {
        ProcessStartInfo start = new(command.File, command.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = input.Directory,
        };
        TrainerProcess trainer = new(Process.Start(start) ?? throw new InvalidOperationException($"{command.File} did not start"));
        await trainer.WriteLineAsync(JsonSerializer.Serialize(input, TrainerJson.Default.TrainerInput));
        return trainer;
    }

    /// <summary>What it says, until its output ends. Lines that are no messages count as error output.</summary>
    public async IAsyncEnumerable<TrainerMessage> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (Parse(line) is { } message)
            {
                yield return message;
            }
            else
            {
                AddError(line);
            }
        }
    }

    /// <summary>Tells it that the job is held for so long.</summary>
    public Task TellHeldAsync(TimeSpan left) =>
        WriteLineAsync(TrainerChannel.HeldLine + ((long)left.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

    /// <summary>Asks it to write a checkpoint and stop.</summary>
    public Task RequestStopAsync() => WriteLineAsync(TrainerChannel.StopLine);

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        _isKilled = true;
        _process.Kill(entireProcessTree: true);
    }

    /// <summary>How it died, in a sentence, once it has.</summary>
    public async Task<string> DescribeDeathAsync()
    {
        await _readingErrors;
        string errors;
        lock (_errors)
        {
            errors = string.Join(" | ", _errors);
        }

        return $"the trainer ended with exit code {_process.ExitCode}{(errors.Length > 0 ? ": " : "")}{errors}";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        await Exited;
        await _readingErrors;
        _process.Dispose();
        _input.Dispose();
    }

    private static TrainerMessage? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TrainerJson.Default.TrainerMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task WriteLineAsync(string line)
    {
        await _input.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It is gone, which its exit tells.
        }
        finally
        {
            _input.Release();
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            AddError(line);
        }
    }

    private void AddError(string line)
    {
        lock (_errors)
        {
            if (_errors.Count == ErrorLines)
            {
                _errors.Dequeue();
            }

            _errors.Enqueue(line);
        }
    }
}
