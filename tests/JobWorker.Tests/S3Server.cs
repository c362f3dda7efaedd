using System.Diagnostics;
using Inference.Artifacts;
using Inference.Interop;

namespace Inference.JobWorker.Tests;

/// <summary>npm s3rver with one bucket, its files in a directory. It ends when its standard input does, so it cannot outlive the tests.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private const string Bucket = "artifacts";

    private readonly Process _process;

    private S3Server(Process process, int port)
    {
        _process = process;
        Options = new S3Options
        {
            Bucket = Bucket,
            Endpoint = $"http://127.0.0.1:{port}",
            PathStyle = true,
            AccessKey = "S3RVER",
            SecretKey = "S3RVER",
        };
    }

    /// <summary>How to reach it.</summary>
    public S3Options Options { get; }

    public static async Task<S3Server> StartAsync(string directory)
    {
        ProcessStartInfo start = new("node", [Path.Combine(InteropClient.Folder, "s3rver.mjs"), directory, Bucket])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        string? port = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return new S3Server(process, int.Parse(port ?? throw new InvalidOperationException("s3rver did not start")));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
