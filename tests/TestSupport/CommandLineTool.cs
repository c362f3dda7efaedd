using System.Diagnostics;

namespace Inference.TestSupport;

/// <summary>Programs of the system that tests compare with.</summary>
public static class CommandLineTool
{
    /// <summary>Why a test is skipped, or null where all programs are there.</summary>
    public static string? Missing(IEnumerable<string> programs) =>
        programs.FirstOrDefault(p => !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, p)))) is { } missing
            ? $"{missing} is not installed; tests/install installs it" : null;

    /// <summary>Runs a program to its end; fails with what it printed where it fails.</summary>
    public static void Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}{output.Result}");
        }
    }
}
