using System.Diagnostics;
using System.Text;

namespace Inference.Cli.Tests;

/// <summary>The command line on a terminal of 30 rows and 120 columns, which `script` makes for it.</summary>
internal sealed class TerminalProcess : IAsyncDisposable
{
    public const string Script = "/usr/bin/script";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private TerminalProcess(Process process) => _process = process;

    public int ExitCode => _process.ExitCode;

    public static TerminalProcess Start(params string[] arguments)
    {
        string command = string.Join(' ', arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "Inference.Cli.dll")).Select(a => $"'{a}'"));
        ProcessStartInfo start = new(Script, ["-qefc", $"stty rows 30 cols 120; exec dotnet {command}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["TERM"] = "xterm-256color";

        // In which terminals are not believed in.
        foreach (string variable in new[] { "CI", "GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "JENKINS_URL", "TRAVIS", "NO_COLOR", "INFERENCE_JOB_SERVER" })
        {
            start.Environment.Remove(variable);
        }

        return new TerminalProcess(Process.Start(start)!);
    }

    /// <summary>What it wrote until all the texts were there, and perhaps a little more.</summary>
    public async Task<string> ReadUntilAsync(params string[] texts)
    {
        using CancellationTokenSource limit = new(Limit);
        StringBuilder read = new();
        char[] buffer = new char[256];
        while (!texts.All(text => read.ToString().Contains(text, StringComparison.Ordinal)))
        {
            int count = await _process.StandardOutput.ReadAsync(buffer, limit.Token);
            if (count == 0)
            {
                throw new InvalidOperationException($"it ended without {string.Join(" and ", texts)}:\n{read}");
            }

            read.Append(buffer, 0, count);
        }

        return read.ToString();
    }

    /// <summary>The rest, once it has ended.</summary>
    public async Task<string> ReadToEndAsync()
    {
        string rest = await _process.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
