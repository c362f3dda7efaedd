using System.Runtime.CompilerServices;
using Inference.ClientLib.Chat;
using Inference.Contracts.V1;
using Microsoft.Extensions.AI;

namespace Inference.ClientLib;

/// <summary>
/// Microsoft.Extensions.AI's chat client over <see cref="GenerationClient"/>. Text only: other content, and response formats
/// other than text, are refused with NotSupportedException. Tools are shown to the model by its template; a call that the model
/// makes comes back as text. Further sampling options are taken from AdditionalProperties under the names of SamplingParameters'
/// fields: min_p, typical_p, repetition_penalty, min_tokens, and of GenerateRequest's: priority, tenant_id, session_id.
/// </summary>
public sealed class InferenceChatClient : IChatClient
{
    private readonly InferenceClient _client;
    private readonly ChatClientMetadata _metadata;

    /// <param name="client">Stays the caller's to dispose.</param>
    /// <param name="model">Where the options name none. Null: the server's default model.</param>
    public InferenceChatClient(InferenceClient client, string? model = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _metadata = new ChatClientMetadata("inference", client.Options.Addresses[0], model);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        GenerateRequest request = ChatRequests.Create(this, messages, options, _metadata.DefaultModelId);
        ChatUpdates updates = new(_client.Options.Time.GetUtcNow());
        await foreach (GenerateResponse response in _client.Generation.GenerateAsync(request, options: null, cancellationToken))
        {
            yield return updates.Next(response);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_client) ? _client
            : null;
    }

    /// <summary>Nothing: the <see cref="InferenceClient"/> is the caller's.</summary>
    public void Dispose()
    {
    }
}
