using System.Runtime.CompilerServices;
using Google.Protobuf;
using Inference.ClientLib.Connections;
using Inference.Contracts.Speech.V1;
using Inference.Rpc.Client;

namespace Inference.ClientLib;

/// <summary>SpeechService, RecognitionService and ConversationService of voice hosts.</summary>
public sealed class SpeechClient
{
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Speech = SpeechReflection.Descriptor.Services.Single(s => s.Name == "SpeechService");
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Recognition =
        RecognitionReflection.Descriptor.Services.Single(s => s.Name == "RecognitionService");

    private static readonly RpcMethod<ListVoicesRequest, ListVoicesResponse> ListVoicesMethod = new(Speech, "ListVoices");
    private static readonly RpcMethod<SynthesizeRequest, SynthesizeResponse> SynthesizeMethod = new(Speech, "Synthesize");
    private static readonly RpcMethod<RecognizeRequest, RecognizeResponse> RecognizeMethod = new(Recognition, "Recognize");
    private static readonly RpcMethod<StreamingRecognizeRequest, StreamingRecognizeResponse> StreamingRecognizeMethod = new(Recognition, "StreamingRecognize");
    private static readonly RpcMethod<ConverseRequest, ConverseResponse> ConverseMethod =
        new(ConversationReflection.Descriptor.Services.Single(s => s.Name == "ConversationService"), "Converse");

    private readonly CallInvoker _invoker;

    internal SpeechClient(CallInvoker invoker) => _invoker = invoker;

    /// <summary>The voices of a language, and of its regions; of all languages without one.</summary>
    public Task<ListVoicesResponse> ListVoicesAsync(
        string language = "", InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(ListVoicesMethod, new ListVoicesRequest { Language = language }, options, cancellationToken);

    /// <summary>Speaks: audio as it is made, with marks. Leaving the loop stops the work.</summary>
    /// <exception cref="InvalidRequestException">Names the field.</exception>
    public IAsyncEnumerable<SynthesizeResponse> SynthesizeAsync(
        SynthesizeRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.StreamAsync(SynthesizeMethod, request, options, cancellation: cancellationToken);

    /// <summary>Understands a clip.</summary>
    /// <exception cref="InvalidRequestException">Names the field.</exception>
    public Task<RecognizeResponse> RecognizeAsync(
        RecognizeRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(RecognizeMethod, request, options, cancellationToken);

    /// <summary>Understands audio while it is spoken: events and results as they come. Leaving the loop ends the call.</summary>
    /// <param name="config">How the audio is written, and what is wanted.</param>
    /// <param name="audio">In pieces of any size, as they are recorded.</param>
    /// <param name="options">What this call does otherwise.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidRequestException">Names the field.</exception>
    public IAsyncEnumerable<StreamingRecognizeResponse> StreamingRecognizeAsync(
        StreamingRecognitionConfig config, IAsyncEnumerable<ReadOnlyMemory<byte>> audio, InferenceCallOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        return _invoker.DuplexAsync(StreamingRecognizeMethod, Requests(), options, cancellationToken);

        async IAsyncEnumerable<StreamingRecognizeRequest> Requests([EnumeratorCancellation] CancellationToken cancellation = default)
        {
            yield return new StreamingRecognizeRequest { Config = config };
            await foreach (ReadOnlyMemory<byte> piece in audio.WithCancellation(cancellation))
            {
                yield return new StreamingRecognizeRequest { Audio = ByteString.CopyFrom(piece.Span) };
            }
        }
    }

    /// <summary>Converses: what the host hears, answers and says, as it happens. Leaving the loop ends the conversation.</summary>
    /// <param name="config">How.</param>
    /// <param name="requests">The user's voice, text and commands, as they come; the call ends once these have ended and all has been said.</param>
    /// <param name="options">What this call does otherwise.</param>
    /// <param name="cancellationToken">Ends the conversation.</param>
    /// <exception cref="InvalidRequestException">Names the field.</exception>
    public IAsyncEnumerable<ConverseResponse> ConverseAsync(
        ConversationConfig config, IAsyncEnumerable<ConverseRequest> requests, InferenceCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        return _invoker.DuplexAsync(ConverseMethod, WithConfig(), options, cancellationToken);

        async IAsyncEnumerable<ConverseRequest> WithConfig([EnumeratorCancellation] CancellationToken cancellation = default)
        {
            yield return new ConverseRequest { Config = config };
            await foreach (ConverseRequest request in requests.WithCancellation(cancellation))
            {
                yield return request;
            }
        }
    }
}
