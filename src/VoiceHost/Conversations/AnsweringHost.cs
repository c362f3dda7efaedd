using Inference.ClientLib;
using Inference.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.VoiceHost.Conversations;

/// <summary>The inference host that answers in conversations: the one that is configured, else this very process, else the one at the usual port.</summary>
internal sealed class AnsweringHost : IDisposable
{
    private const string InferenceRole = "inference";

    private static readonly Uri UsualAddress = new("http://127.0.0.1:8081");

    // This process has an address once it listens: before that nobody converses.
    private readonly Lazy<InferenceClient> _client;

    /// <param name="options">Says which.</param>
    /// <param name="local">The way to this process.</param>
    /// <exception cref="ArgumentException">The configured address is not http or https.</exception>
    public AnsweringHost(IOptions<ConversationOptions> options, LocalAccess local)
    {
        ConversationOptions conversation = options.Value;
        bool isLocal = conversation.Server is null && local.Has(InferenceRole);
        _client = new Lazy<InferenceClient>(() => isLocal
            ? new InferenceClient(new InferenceClientOptions { Addresses = [local.GrpcAddress], ApiKey = local.ApiKey, Tls = local.Tls })
            : new InferenceClient(conversation.Server ?? UsualAddress, conversation.ApiKey.Length > 0 ? conversation.ApiKey : null));
        if (!isLocal)
        {
            _ = _client.Value;
        }
    }

    /// <summary>Generates its answers.</summary>
    public GenerationClient Generation => _client.Value.Generation;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }
}
