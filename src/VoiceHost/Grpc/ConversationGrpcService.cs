using System.Runtime.CompilerServices;
using Inference.Contracts.Speech.V1;
using Inference.Rpc;
using Inference.Rpc.Server;
using Inference.Speech.Synthesis;
using Inference.VoiceHost.Conversations;
using Inference.VoiceHost.Recognition;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Inference.VoiceHost.Grpc;

/// <summary>inference.speech.v1.ConversationService.</summary>
internal sealed class ConversationGrpcService(
    RecognizerCatalog recognizers, SynthesizerCatalog synthesizers, AnsweringHost model, IOptions<ConversationOptions> options, VoiceMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private int _conversations;

    /// <summary>Binds the service's methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGrpcService(ConversationReflection.Descriptor.Services[0], service => service
            .Errors(GrpcErrors.From)
            .Duplex<ConverseRequest, ConverseResponse>("Converse", (requests, context) => ConverseAsync(requests, context)));

    private async IAsyncEnumerable<ConverseResponse> ConverseAsync(
        IAsyncEnumerable<ConverseRequest> requests, CallContext context, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _conversations) > options.Value.MaxConversations)
        {
            Interlocked.Decrement(ref _conversations);
            throw RpcException.Exhausted($"there are {options.Value.MaxConversations} conversations, as many as this host takes", RetryAfter);
        }

        metrics.Conversations.Add(1);
        try
        {
            using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
            await using IAsyncEnumerator<ConverseRequest> incoming = requests.GetAsyncEnumerator(reading.Token);
            if (!await incoming.MoveNextAsync() || incoming.Current.RequestCase != ConverseRequest.RequestOneofCase.Config)
            {
                throw new SpeechRequestException("config", "the first request must hold the configuration");
            }

            ConversationSettings settings = WireConversation.ToSettings(incoming.Current.Config, options.Value, recognizers, synthesizers, time);
            await using ConversationSession session = new(
                settings, new RoutedSynthesizer(synthesizers), model.Generation, options.Value, time, context.HttpContext.Abort, context.CancellationToken);
            await using CancellationTokenRegistration leaving = context.ServerStopping.Register(session.Leave);
            await foreach (ConverseResponse response in session.RunAsync(incoming, reading))
            {
                metrics.Observe(response);
                yield return response;
            }
        }
        finally
        {
            metrics.Conversations.Add(-1);
            Interlocked.Decrement(ref _conversations);
        }
    }
}
