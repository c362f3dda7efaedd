using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>An inference host whose answers are known: GenerationService over gRPC, a word every 40 ms.</summary>
internal sealed class ScriptedModel : IAsyncDisposable
{
    /// <summary>What it answers to most things.</summary>
    public const string LongAnswer =
        "Photosynthesis happens in the leaves of every green plant. Sunlight gives the energy that turns water and air into sugar. " +
        "The plant keeps the sugar for the winter. Animals eat the plant and use that energy again. " +
        "When they breathe out, the air goes back to the leaves, and so it goes round and round as long as the sun shines on them. " +
        "At night the leaves rest, and the roots still drink the water that the morning will need.";

    /// <summary>A question with this answer fails.</summary>
    public const string Unanswerable = "fail";

    /// <summary>A question whose answer does not end.</summary>
    public const string Endless = "tell me everything";

    private static readonly TimeSpan WordTime = TimeSpan.FromMilliseconds(40);

    private readonly WebApplication _app;
    private int _running, _cancelled;

    private ScriptedModel()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenGrpc(new IPEndPoint(IPAddress.Loopback, 0)));
        _app = builder.Build();
        _app.MapGrpcService(GenerationReflection.Descriptor.Services[0], binder => binder
            .ServerStream<GenerateRequest, GenerateResponse>("Generate", (request, call) => AnswerAsync(request, call.CancellationToken))
            .Unary<TokenizeRequest, TokenizeResponse>("Tokenize", (_, _) => throw Unimplemented())
            .Unary<DetokenizeRequest, DetokenizeResponse>("Detokenize", (_, _) => throw Unimplemented())
            .Unary<ApplyChatTemplateRequest, ApplyChatTemplateResponse>("ApplyChatTemplate", (_, _) => throw Unimplemented()));
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>The requests so far.</summary>
    public ConcurrentQueue<GenerateRequest> Requests { get; } = new();

    /// <summary>Answers that are being written.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Answers that nobody waited for.</summary>
    public int Cancelled => Volatile.Read(ref _cancelled);

    public static async Task<ScriptedModel> StartAsync()
    {
        ScriptedModel model = new();
        await model._app.StartAsync();
        model.Address = new Uri(model._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return model;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static RpcException Unimplemented() => new(StatusCode.Unimplemented, "nobody asks this");

    private async IAsyncEnumerable<GenerateResponse> AnswerAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Requests.Enqueue(request);
        Interlocked.Increment(ref _running);
        bool isDone = false;
        try
        {
            string question = request.Chat.Messages[^1].Content;
            if (question == Unanswerable)
            {
                isDone = true;
                throw new RpcException(StatusCode.NotFound, "there is no such model");
            }

            // A question of one word is answered with itself.
            string answer = question.Contains(' ', StringComparison.Ordinal) ? LongAnswer : $"You said {question}.";
            foreach (string word in question == Endless ? Enumerable.Repeat("more", int.MaxValue) : answer.Split(' '))
            {
                await Task.Delay(WordTime, cancellationToken);
                yield return new GenerateResponse { Deltas = { new Delta { Text = word + " " } } };
            }

            isDone = true;
            yield return new GenerateResponse { Deltas = { new Delta { FinishReason = FinishReason.Stop } }, Usage = new Usage() };
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Interlocked.Add(ref _cancelled, isDone ? 0 : 1);
        }
    }
}
