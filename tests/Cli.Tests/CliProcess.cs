using System.Diagnostics;

namespace Inference.Cli.Tests;

/// <summary>The command line as its users run it: a process with arguments, input, output and an exit code.</summary>
internal sealed record CliProcess(int ExitCode, string Output, string Errors)
{
    public static async Task<CliProcess> RunAsync(string input, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Inference.Cli.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("INFERENCE_SERVER");
        start.Environment.Remove("INFERENCE_API_KEY");
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
            return new CliProcess(process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill();
        }
    }
}
