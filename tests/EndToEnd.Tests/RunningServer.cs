using System.Globalization;
using Inference.Contracts.V1;
using Inference.InferenceHost;
using Inference.Rpc.Client;
using Inference.Rpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Inference.Rpc.Health.V1.HealthCheckResponse.Types;

namespace Inference.EndToEnd.Tests;

/// <summary>A real host in this process, on free ports, with one model; ready when made. Its disposal fails on logged errors.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    public const string ModelName = "stories";

    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Generation = GenerationReflection.Descriptor.Services[0];
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Models = ModelsReflection.Descriptor.Services[0];
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Watch = new(HealthReflection.Descriptor.Services[0], "Watch");

    private readonly InferenceServer _server;
    private readonly ErrorLog _errors;

    private RunningServer(InferenceServer server, ErrorLog errors)
    {
        _server = server;
        _errors = errors;
        Channel = new RpcChannel(server.GrpcAddress);
        // By default a response that is disposed of is read on for two seconds, to keep its connection.
        Http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = server.HttpAddress };
    }

    public static RpcMethod<GenerateRequest, GenerateResponse> Generate { get; } = new(Generation, "Generate");

    public static RpcMethod<TokenizeRequest, TokenizeResponse> Tokenize { get; } = new(Generation, "Tokenize");

    public static RpcMethod<DetokenizeRequest, DetokenizeResponse> Detokenize { get; } = new(Generation, "Detokenize");

    public static RpcMethod<ApplyChatTemplateRequest, ApplyChatTemplateResponse> ApplyChatTemplate { get; } = new(Generation, "ApplyChatTemplate");

    public static RpcMethod<ListModelsRequest, ListModelsResponse> ListModels { get; } = new(Models, "ListModels");

    public static RpcMethod<GetModelRequest, Model> GetModel { get; } = new(Models, "GetModel");

    public static RpcMethod<LoadModelRequest, LoadModelProgress> LoadModel { get; } = new(Models, "LoadModel");

    public static RpcMethod<UnloadModelRequest, UnloadModelResponse> UnloadModel { get; } = new(Models, "UnloadModel");

    public RpcChannel Channel { get; }

    public HttpClient Http { get; }

    public InferenceServer Server => _server;

    /// <summary>Starts a host and waits until it takes work.</summary>
    /// <param name="modelPath">Directory of the model.</param>
    /// <param name="settings">Further settings.</param>
    public static async Task<RunningServer> StartAsync(string modelPath, params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> configuration = new()
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Models:Roots:0"] = Path.GetDirectoryName(modelPath),
            ["Models:Load:0:Name"] = ModelName,
            ["Models:Load:0:Path"] = Path.GetFileName(modelPath),
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach ((string key, string value) in settings)
        {
            configuration[key] = value;
        }

        ErrorLog errors = new();
        InferenceServer server = new([], configuration, services => services.AddSingleton<ILoggerProvider>(errors));
        await server.StartAsync(CancellationToken.None);
        RunningServer running = new(server, errors);
        await running.WaitUntilServingAsync();
        return running;
    }

    /// <summary>All messages of a generation.</summary>
    public async Task<List<GenerateResponse>> GenerateAsync(GenerateRequest request)
    {
        List<GenerateResponse> responses = [];
        await foreach (GenerateResponse response in Channel.ServerStream(Generate, request))
        {
            responses.Add(response);
        }

        return responses;
    }

    /// <summary>Sum of a metric's samples whose labels contain the text.</summary>
    public async Task<double> MetricAsync(string name, string label = "")
    {
        string text = await Http.GetStringAsync("/metrics");
        return text.Split('\n')
            .Where(l => l.StartsWith(name, StringComparison.Ordinal) && l[name.Length] is ' ' or '{' && l.Contains(label, StringComparison.Ordinal))
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until a metric has a value; a minute at most.</summary>
    public async Task WaitForMetricAsync(string name, double value, string label = "")
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (await MetricAsync(name, label) != value)
        {
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Lets a client leave in the middle: its one request is counted as aborted, and no blocks stay used.</summary>
    public async Task AbortsAsync(Func<Task> leave)
    {
        const string Name = "inference_request_success_total", Aborted = "finished_reason=\"abort\"";
        double before = await MetricAsync(Name, Aborted);
        await leave();
        await WaitForMetricAsync(Name, before + 1, Aborted);
        await WaitForMetricAsync("inference_kv_cache_blocks_used", 0);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        string[] errors = [.. _errors.Entries];
        await _server.DisposeAsync();
        Assert.True(errors.Length == 0, string.Join('\n', errors));
    }

    private async Task WaitUntilServingAsync()
    {
        await foreach (HealthCheckResponse response in Channel.ServerStream(Watch, new HealthCheckRequest()))
        {
            if (response.Status == ServingStatus.Serving)
            {
                return;
            }
        }
    }
}
