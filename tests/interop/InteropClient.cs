using System.Diagnostics;
using System.Text.Json;

namespace Inference.Interop;

/// <summary>Clients not written here, installed by tests/install: what they are, whether they are there, and how to run them.</summary>
internal static class InteropClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>The folder of the scripts and of node_modules.</summary>
    public static string Folder { get; } = FindFolder();

    /// <summary>Why grpc-js cannot run; null when it can.</summary>
    public static string? NodeMissing { get; } = Missing("node_modules/@grpc/grpc-js/package.json", "npm @grpc/grpc-js");

    /// <summary>Why npm openai cannot run; null when it can.</summary>
    public static string? OpenAiMissing { get; } = Missing("node_modules/openai/package.json", "npm openai");

    /// <summary>Why buf cannot run; null when it can.</summary>
    public static string? BufMissing { get; } = Missing("node_modules/.bin/buf", "npm @bufbuild/buf");

    /// <summary>Why s3rver cannot run; null when it can.</summary>
    public static string? S3ServerMissing { get; } = Missing("node_modules/s3rver/package.json", "npm s3rver");

    /// <summary>Why Debian's grpcio cannot run; null when it can.</summary>
    public static string? PythonMissing { get; } =
        File.Exists("/usr/lib/python3/dist-packages/grpc/__init__.py") ? null : "Debian's python3-grpcio is not installed: run tests/install";

    /// <summary>One gRPC call by grpc-js.</summary>
    public static Task<InteropResult> CallWithNodeAsync(InteropCall call) => CallAsync("node", "call.js", call);

    /// <summary>One gRPC call by Debian's python3-grpcio.</summary>
    public static Task<InteropResult> CallWithPythonAsync(InteropCall call) => CallAsync("/usr/bin/python3", "call.py", call);

    /// <summary>`buf curl` over cleartext HTTP/2, which asks the server's reflection.</summary>
    public static Task<ProcessResult> BufCurlAsync(params string[] arguments) =>
        RunAsync(Path.Combine(Folder, "node_modules/.bin/buf"), ["curl", "--protocol", "grpc", "--http2-prior-knowledge", .. arguments]);

    /// <summary>`buf curl` of a stream, killed as soon as it has printed something: a client that leaves midway.</summary>
    /// <returns>What it printed until then.</returns>
    public static async Task<string> BufCurlAndLeaveAsync(params string[] arguments)
    {
        using Process process = Process.Start(StartInfo(
            Path.Combine(Folder, "node_modules/.bin/buf"), ["curl", "--protocol", "grpc", "--http2-prior-knowledge", .. arguments]))
            ?? throw new InvalidOperationException("buf did not start");
        using CancellationTokenSource limit = new(Limit);
        try
        {
            char[] first = new char[64];
            int length = await process.StandardOutput.ReadAsync(first, limit.Token);
            return new string(first, 0, length);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Runs a script of this folder with node.</summary>
    public static Task<ProcessResult> RunNodeAsync(string script, params string[] arguments) =>
        RunAsync("node", [Path.Combine(Folder, script), .. arguments]);

    /// <summary>Runs a program to its end; kills it past 90 s.</summary>
    public static async Task<ProcessResult> RunAsync(string program, IReadOnlyList<string> arguments, string input = "")
    {
        using Process process = Process.Start(StartInfo(program, arguments)) ?? throw new InvalidOperationException($"{program} did not start");
        using CancellationTokenSource limit = new(Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static ProcessStartInfo StartInfo(string program, IReadOnlyList<string> arguments) => new(program, arguments)
    {
        WorkingDirectory = Folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static async Task<InteropResult> CallAsync(string program, string script, InteropCall call)
    {
        string input = JsonSerializer.Serialize(call, JsonSerializerOptions.Web);
        ProcessResult result = await RunAsync(program, [Path.Combine(Folder, script)], input);
        return result.ExitCode == 0
            ? JsonSerializer.Deserialize<InteropResult>(result.Output, JsonSerializerOptions.Web)!
            : throw new InvalidOperationException($"{script} ended with {result.ExitCode}: {result.Error}");
    }

    private static string? Missing(string file, string name) =>
        File.Exists(Path.Combine(Folder, file)) ? null : $"{name} is not installed: run tests/install";

    private static string FindFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder != null && !File.Exists(Path.Combine(folder, "Inference.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder ?? throw new DirectoryNotFoundException("Inference.sln is in no folder above the tests"), "tests", "interop");
    }
}
