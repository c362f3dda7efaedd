using System.Globalization;
using System.Text.Json;

namespace Inference.Peers.Bench;

/// <summary>This project's engine: this program again as a child for the model alone, `inference serve` for the server.</summary>
internal sealed class OwnEngine(string cliPath, int threads) : IContender
{
    public const string ContenderName = "ours";
    private const int BlockLength = 16;

    public string Name => ContenderName;

    /// <summary>What `./inference publish` makes, rather than an assembly that needs `dotnet`.</summary>
    private bool IsProgram => !cliPath.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    public Task<IReadOnlyDictionary<string, double>> PrefillAndDecodeAsync(string model, CancellationToken cancellation) =>
        ChildAsync("prefill-and-decode", model, cancellation);

    public Task<IReadOnlyDictionary<string, double>> BatchedDecodeAsync(string model, CancellationToken cancellation) =>
        ChildAsync("batched-decode", model, cancellation);

    public ChildProcess StartServer(string model, int port, int slots, int contextTokens) => ChildProcess.Start(
        IsProgram ? cliPath : "dotnet",
        [
            .. IsProgram ? (string[])[] : [cliPath], "serve", "--model", $"bench={model}", "--threads", threads.ToString(CultureInfo.InvariantCulture),
            "--http-port", port.ToString(CultureInfo.InvariantCulture), "--grpc-port", "0",
            $"--Engine:MaxRunning={slots}", $"--Engine:BlockLength={BlockLength}", $"--Engine:KvCacheBlocks={contextTokens / BlockLength}",
        ]);

    private async Task<IReadOnlyDictionary<string, double>> ChildAsync(string what, string model, CancellationToken cancellation)
    {
        (string output, _) = await ChildProcess.RunAsync(
            "dotnet", [typeof(OwnEngine).Assembly.Location, "engine", what, model, threads.ToString(CultureInfo.InvariantCulture)], cancellation);
        return JsonSerializer.Deserialize<Dictionary<string, double>>(output)!;
    }
}
