using System.Globalization;
using System.Text.Json;

namespace Inference.Peers.Bench;

/// <summary>llama.cpp, or a fork with the same programs: llama-bench, llama-batched-bench and llama-server of a directory.</summary>
internal sealed class LlamaCpp(string name, string directory, int threads) : IContender
{
    public string Name => name;

    private string Threads => threads.ToString(CultureInfo.InvariantCulture);

    public async Task<IReadOnlyDictionary<string, double>> PrefillAndDecodeAsync(string model, CancellationToken cancellation)
    {
        (string output, _) = await ChildProcess.RunAsync(
            Program("llama-bench"), ["-m", model, "-t", Threads, "-p", "512", "-n", "64", "-r", "1", "-o", "json"], cancellation);
        using JsonDocument json = JsonDocument.Parse(output[output.IndexOf('[')..]);
        return json.RootElement.EnumerateArray().ToDictionary(
            test => test.GetProperty("n_prompt").GetInt32() > 0 ? Metrics.Prefill : Metrics.Decode,
            test => test.GetProperty("avg_ts").GetDouble());
    }

    public async Task<IReadOnlyDictionary<string, double>> BatchedDecodeAsync(string model, CancellationToken cancellation)
    {
        (string output, string errors) = await ChildProcess.RunAsync(
            Program("llama-batched-bench"),
            ["-m", model, "-t", Threads, "-c", "4096", "-b", "2048", "-ub", "512", "-npp", "32", "-ntg", "32", "-npl", string.Join(',', Metrics.Batches)],
            cancellation);

        // A table, which the fork writes among its messages: PP | TG | B | N_KV | T_PP | S_PP | T_TG | S_TG | T | S.
        return (output + errors).Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length == 10 && int.TryParse(cells[2], out _))
            .ToDictionary(
                cells => Metrics.BatchedDecode(int.Parse(cells[2], CultureInfo.InvariantCulture)),
                cells => double.Parse(cells[7], CultureInfo.InvariantCulture));
    }

    public ChildProcess StartServer(string model, int port, int slots, int contextTokens) => ChildProcess.Start(
        Program("llama-server"),
        [
            "-m", model, "-t", Threads, "-np", slots.ToString(CultureInfo.InvariantCulture), "-c", contextTokens.ToString(CultureInfo.InvariantCulture),
            "--host", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture),
        ]);

    private string Program(string file) => Path.Combine(directory, file);
}
