using Inference.ClientLib.Connections;
using Inference.Contracts.Speech.V1;
using Inference.Rpc.Client;

namespace Inference.ClientLib;

/// <summary>SpeechService and RecognitionService of voice hosts.</summary>
public sealed class SpeechClient
{
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Speech = SpeechReflection.Descriptor.Services.Single(s => s.Name == "SpeechService");
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Recognition =
        RecognitionReflection.Descriptor.Services.Single(s => s.Name == "RecognitionService");

    private static readonly RpcMethod<ListVoicesRequest, ListVoicesResponse> ListVoicesMethod = new(Speech, "ListVoices");
    private static readonly RpcMethod<SynthesizeRequest, SynthesizeResponse> SynthesizeMethod = new(Speech, "Synthesize");
    private static readonly RpcMethod<RecognizeRequest, RecognizeResponse> RecognizeMethod = new(Recognition, "Recognize");
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
}
