using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Inference.Peers.Bench;

/// <summary>A contender's server, fresh, and requests to its OpenAI-compatible API.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(2);
    private readonly ChildProcess _process;
    private readonly HttpClient _http;
    private readonly long _started;

    private Server(ChildProcess process, HttpClient http, long started) => (_process, _http, _started) = (process, http, started);

    /// <summary>In MiB.</summary>
    public double PeakMemory => _process.PeakMemory;

    /// <summary>Since the process was started.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    /// <summary>Starts a process and waits until it takes requests.</summary>
    public static async Task<Server> StartAsync(IContender contender, string model, int slots, int contextTokens, CancellationToken cancellation)
    {
        int port = FreePort();
        long started = Stopwatch.GetTimestamp();
        ChildProcess process = contender.StartServer(model, port, slots, contextTokens);
        HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
        Server server = new(process, http, started);
        try
        {
            while (!await server.IsReadyAsync(cancellation))
            {
                await process.ThrowIfEndedAsync();
                await Task.Delay(PollInterval, cancellation);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Streams one greedy answer of exactly <paramref name="maxTokens"/> tokens, unless <paramref name="stop"/> ends it before.</summary>
    public async Task<StreamTimes> StreamAsync(int[] prompt, int maxTokens, CancellationToken cancellation, CancellationToken stop = default)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stop);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new Dictionary<string, object>
            {
                ["prompt"] = prompt,
                ["max_tokens"] = maxTokens,
                ["temperature"] = 0,
                ["stream"] = true,
                ["ignore_eos"] = true,
                ["stream_options"] = new { include_usage = true },
            }),
        };
        StreamTimes times = new();
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(either.Token)}");
            }

            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(either.Token));
            while (await reader.ReadLineAsync(either.Token) is { } line && line != "data: [DONE]")
            {
                if (line.StartsWith("data: {", StringComparison.Ordinal))
                {
                    Read(line.AsMemory(6), times);
                }
            }

            return times.Tokens == maxTokens
                ? times
                : throw new InvalidOperationException($"the answer has {times.Tokens} tokens, not {maxTokens}");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return times;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private static void Read(ReadOnlyMemory<char> json, StreamTimes times)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.TryGetProperty("choices", out JsonElement choices) && choices.GetArrayLength() > 0
            && choices[0].GetProperty("text").GetString() is { Length: > 0 })
        {
            times.Add();
        }

        if (document.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
        {
            times.Tokens = usage.GetProperty("completion_tokens").GetInt32();
        }
    }

    /// <summary>Both sides answer /v1/models early; a completion is possible once llama.cpp's /health, or this project's /readyz, says 200.</summary>
    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        foreach (string path in (string[])["/health", "/readyz"])
        {
            try
            {
                using HttpResponseMessage response = await _http.GetAsync(path, cancellation);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
