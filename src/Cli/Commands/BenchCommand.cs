using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Inference.Cli.Bench;
using Inference.ClientLib;
using Inference.Contracts.V1;
using Spectre.Console;

namespace Inference.Cli.Commands;

/// <summary>`inference bench`: offers load to a server and prints latencies and throughput.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        ServerOptions server = new();
        Option<int> requests = Number("--requests", "Requests in all.", 64);
        Option<int> concurrency = Number("--concurrency", "Requests under way at once, at most.", 8);
        Option<double?> rate = new("--rate") { Description = "Mean arrivals a second (Poisson); without it, requests follow each other as fast as they end." };
        Option<int> shared = Number("--shared-words", "Words of prompt that all requests share.", 0);
        Option<int> own = Number("--prompt-words", "Words of prompt of each request's own.", 32);
        Option<int> tokens = Number("--max-tokens", "Tokens to generate for each request.", 64);
        Option<int> seed = Number("--seed", "Seed of prompts and arrivals.", 1);
        Command command = new("bench", "Offer load to a server; print latencies and throughput.")
        {
            server.Address, server.ApiKey, server.Model, requests, concurrency, rate, shared, own, tokens, seed,
        };
        foreach (Option<int> positive in (Option<int>[])[requests, concurrency, tokens])
        {
            positive.Validators.Add(r =>
            {
                if (r.GetValueOrDefault<int>() < 1)
                {
                    r.AddError($"{positive.Name} must be at least 1");
                }
            });
        }

        command.SetAction((result, cancellation) => Cli.RunAsync(async () =>
        {
            using InferenceClient client = server.Connect(result);
            LoadPlan plan = new(result.GetValue(requests), result.GetValue(concurrency), result.GetValue(rate), result.GetValue(seed));
            BenchPrompts prompts = new(result.GetValue(shared), result.GetValue(own), result.GetValue(seed));
            SamplingParameters sampling = new() { Temperature = 0, MaxTokens = result.GetValue(tokens), IgnoreEos = true };
            string model = result.GetRequiredValue(server.Model);
            await MeasureAsync(
                plan, (i, token) => TokensAsync(client.Generation, new GenerateRequest { Model = model, Text = prompts[i], Sampling = sampling }, token), cancellation);
        }));
        return command;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static async IAsyncEnumerable<int> TokensAsync(
        GenerationClient client, GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (GenerateResponse response in client.GenerateAsync(request, cancellationToken: cancellation))
        {
            yield return response.Deltas.Sum(d => d.TokenIds.Count);
        }
    }

    private static async Task MeasureAsync(LoadPlan plan, Func<int, CancellationToken, IAsyncEnumerable<int>> send, CancellationToken cancellation)
    {
        IReadOnlyList<RequestSample> samples = [];
        long start = Stopwatch.GetTimestamp();
        await AnsiConsole.Progress().AutoClear(true).StartAsync(async progress =>
        {
            ProgressTask bar = progress.AddTask("requests", maxValue: plan.Requests);
            samples = await LoadGenerator.RunAsync(plan, send, _ => bar.Increment(1), cancellation);
        });
        TimeSpan wall = Stopwatch.GetElapsedTime(start);

        RequestSample[] good = [.. samples.Where(s => s.Error is null)];
        int tokens = good.Sum(s => s.Tokens);
        Console.WriteLine($"{good.Length} of {samples.Count} requests succeeded in {wall.TotalSeconds:0.00} s");
        foreach (IGrouping<string, RequestSample> failures in samples.Where(s => s.Error is not null).GroupBy(s => s.Error!))
        {
            Console.WriteLine($"{failures.Count()} failed: {failures.Key}");
        }

        Console.WriteLine($"{tokens} tokens, {tokens / wall.TotalSeconds:0.0} tokens/s, {good.Length / wall.TotalSeconds:0.00} requests/s");
        Table table = new();
        table.AddColumns("ms", "mean", "p50", "p90", "p95", "p99", "max");
        AddRow(table, "time to first token", LatencySummary.Of(good.Where(s => s.FirstToken is not null).Select(s => s.FirstToken!.Value)));
        AddRow(table, "inter-token", LatencySummary.Of(good.SelectMany(s => s.Gaps)));
        AddRow(table, "end to end", LatencySummary.Of(good.Select(s => s.Total)));
        AnsiConsole.Write(table);
    }

    private static void AddRow(Table table, string name, LatencySummary? summary)
    {
        if (summary is { } s)
        {
            table.AddRow([name, .. new[] { s.Mean, s.P50, s.P90, s.P95, s.P99, s.Max }.Select(d => $"{d.TotalMilliseconds:0.00}")]);
        }
    }
}
