using System.Runtime.CompilerServices;
using Inference.ClientLib.Connections;
using Inference.Contracts.V1;
using Inference.Rpc.Client;

namespace Inference.ClientLib;

/// <summary>
/// GenerationService. All methods throw <see cref="InferenceException"/>, and OperationCanceledException where the caller
/// cancels; a cancelled or abandoned stream frees its resources on the server within one engine step.
/// </summary>
public sealed class GenerationClient
{
    private static readonly Google.Protobuf.Reflection.ServiceDescriptor Service =
        GenerationReflection.Descriptor.Services.Single(s => s.Name == "GenerationService");

    private static readonly RpcMethod<GenerateRequest, GenerateResponse> GenerateMethod = new(Service, "Generate");
    private static readonly RpcMethod<TokenizeRequest, TokenizeResponse> TokenizeMethod = new(Service, "Tokenize");
    private static readonly RpcMethod<DetokenizeRequest, DetokenizeResponse> DetokenizeMethod = new(Service, "Detokenize");
    private static readonly RpcMethod<ApplyChatTemplateRequest, ApplyChatTemplateResponse> ApplyChatTemplateMethod =
        new(Service, "ApplyChatTemplate");

    private readonly CallInvoker _invoker;

    internal GenerationClient(CallInvoker invoker) => _invoker = invoker;

    /// <summary>The answer as it is made. Retried only before its first message.</summary>
    public IAsyncEnumerable<GenerateResponse> GenerateAsync(
        GenerateRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _invoker.StreamAsync(GenerateMethod, request, options, isRepeatable: true, cancellationToken);
    }

    /// <summary>The whole of it: all answers with usage and timing.</summary>
    public async Task<GenerationResult> CompleteAsync(
        GenerateRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        GenerationCollector collector = new();
        await foreach (GenerateResponse response in GenerateAsync(request, options, cancellationToken))
        {
            collector.Add(response);
        }

        return collector.Result();
    }

    /// <summary>The first answer's text as it is made, in pieces that are never empty.</summary>
    public async IAsyncEnumerable<string> StreamTextAsync(
        GenerateRequest request, InferenceCallOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (GenerateResponse response in GenerateAsync(request, options, cancellationToken))
        {
            foreach (Delta delta in response.Deltas)
            {
                if (delta.Index == 0 && delta.Text.Length > 0)
                {
                    yield return delta.Text;
                }
            }
        }
    }

    /// <summary>Continues a text, piece by piece.</summary>
    /// <param name="prompt">Special tokens in it stay text.</param>
    /// <param name="sampling">Null: the model's defaults.</param>
    /// <param name="model">Null: the server's default model.</param>
    /// <param name="cancellationToken">Ends the generation.</param>
    public IAsyncEnumerable<string> StreamTextAsync(
        string prompt, SamplingParameters? sampling = null, string? model = null, CancellationToken cancellationToken = default)
    {
        GenerateRequest request = new() { Text = prompt, Model = model ?? "" };
        request.Sampling = sampling;
        return StreamTextAsync(request, options: null, cancellationToken);
    }

    /// <summary>Text to token ids.</summary>
    public Task<TokenizeResponse> TokenizeAsync(
        TokenizeRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        _invoker.UnaryAsync(TokenizeMethod, request, options, cancellationToken);

    /// <summary>Token ids to text.</summary>
    public async Task<string> DetokenizeAsync(
        DetokenizeRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _invoker.UnaryAsync(DetokenizeMethod, request, options, cancellationToken)).Text;

    /// <summary>The prompt text that the model's template makes of chat messages.</summary>
    public async Task<string> ApplyChatTemplateAsync(
        ApplyChatTemplateRequest request, InferenceCallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _invoker.UnaryAsync(ApplyChatTemplateMethod, request, options, cancellationToken)).Prompt;
}
