using System.Net;
using System.Security.Cryptography.X509Certificates;
using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.ClientLib.Tests;

/// <summary>Both services on Kestrel, on a free port; each test says what the calls answer.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    private ScriptedServer(X509Certificate2? certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenGrpc(
            new IPEndPoint(IPAddress.Loopback, 0), certificate is null ? null : tls => tls.ServerCertificate = certificate));
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        _app = builder.Build();
        _app.MapGrpcService(GenerationReflection.Descriptor.Services[0], binder => binder
            .ServerStream<GenerateRequest, GenerateResponse>("Generate", (request, call) => OnGenerate(request, call, NextCall()))
            .Unary<TokenizeRequest, TokenizeResponse>("Tokenize", (request, call) => OnTokenize(request, call, NextCall()))
            .Unary<DetokenizeRequest, DetokenizeResponse>("Detokenize", (request, _) =>
                Task.FromResult(new DetokenizeResponse { Text = string.Join(' ', request.Ids) }))
            .Unary<ApplyChatTemplateRequest, ApplyChatTemplateResponse>("ApplyChatTemplate", (request, _) =>
                Task.FromResult(new ApplyChatTemplateResponse { Prompt = $"<{request.Chat.Messages[0].Content}>" })));
        _app.MapGrpcService(ModelsReflection.Descriptor.Services[0], binder => binder
            .Unary<ListModelsRequest, ListModelsResponse>("ListModels", (_, _) =>
                Task.FromResult(new ListModelsResponse { Models = { new Model { Name = "demo" } } }))
            .Unary<GetModelRequest, Model>("GetModel", (request, _) => request.Name == "demo"
                ? Task.FromResult(new Model { Name = "demo" })
                : throw new RpcException(StatusCode.NotFound, $"no model '{request.Name}'"))
            .ServerStream<LoadModelRequest, LoadModelProgress>("LoadModel", (request, _) => OnLoad(request, NextCall()))
            .Unary<UnloadModelRequest, UnloadModelResponse>("UnloadModel", (_, _) => Task.FromResult(new UnloadModelResponse())));
    }

    /// <summary>Calls of Generate, Tokenize and LoadModel so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public Uri Address { get; private set; } = null!;

    /// <summary>Gets the number of the call, from 1.</summary>
    public Func<GenerateRequest, CallContext, int, IAsyncEnumerable<GenerateResponse>> OnGenerate { get; set; } = (_, _, _) => Answer("Hello", "!");

    public Func<TokenizeRequest, CallContext, int, Task<TokenizeResponse>> OnTokenize { get; set; } =
        (_, _, _) => Task.FromResult(new TokenizeResponse { Ids = { 1, 2 } });

    public Func<LoadModelRequest, int, IAsyncEnumerable<LoadModelProgress>> OnLoad { get; set; } = (request, _) => new[]
    {
        new LoadModelProgress { Stage = "weights", Fraction = 0.5f },
        new LoadModelProgress { Stage = "ready", Fraction = 1, Model = new Model { Name = request.Name } },
    }.ToAsyncEnumerable();

    public static async Task<ScriptedServer> StartAsync(X509Certificate2? certificate = null)
    {
        ScriptedServer server = new(certificate);
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    /// <summary>A stream as the real server sends it: id and model first, usage last.</summary>
    public static async IAsyncEnumerable<GenerateResponse> Answer(params string[] pieces)
    {
        for (int i = 0; i < pieces.Length; i++)
        {
            await Task.Yield();
            GenerateResponse response = new() { Deltas = { new Delta { Text = pieces[i], TokenIds = { (uint)i } } } };
            if (i == 0)
            {
                response.RequestId = "request-1";
                response.Model = "demo";
            }

            yield return response;
        }

        yield return new GenerateResponse
        {
            Deltas = { new Delta { FinishReason = FinishReason.Stop } },
            Usage = new Usage { PromptTokens = 5, CompletionTokens = pieces.Length, CachedTokens = 4 },
            Timing = new Timing(),
        };
    }

    /// <summary>The pieces, then the failure.</summary>
    public static async IAsyncEnumerable<GenerateResponse> Break(RpcException failure, params string[] pieces)
    {
        foreach (string piece in pieces)
        {
            await Task.Yield();
            yield return new GenerateResponse { Deltas = { new Delta { Text = piece } } };
        }

        throw failure;
    }

    public InferenceClient Client(Func<InferenceClientOptions, InferenceClientOptions>? configure = null)
    {
        InferenceClientOptions options = new()
        {
            Addresses = [Address],
            Retry = new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(1), JitterSeed = 1 },
        };
        return new InferenceClient(configure?.Invoke(options) ?? options);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private int NextCall() => Interlocked.Increment(ref _calls);
}
