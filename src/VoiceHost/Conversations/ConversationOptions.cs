using System.ComponentModel.DataAnnotations;

namespace Inference.VoiceHost.Conversations;

/// <summary>Who answers in conversations, and how much of it there may be. Section "Conversation".</summary>
public sealed class ConversationOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Conversation";

    /// <summary>gRPC address of the inference host. Null, the default: this process where it is one too, else http://127.0.0.1:8081.</summary>
    public Uri? Server { get; set; }

    /// <summary>API key of <see cref="Server"/>; empty: none.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Model, or "MODEL:ADAPTER"; empty: the host's default.</summary>
    public string Model { get; set; } = "";

    /// <summary>What the model is told before the conversation; empty: nothing.</summary>
    public string SystemPrompt { get; set; } = "";

    /// <summary>Tokens of an answer at most, whatever a client asks. 1 to 65,536, default 256.</summary>
    [Range(1, 65_536)]
    public int MaxTokens { get; set; } = 256;

    /// <summary>Where a client says none: 0 to 2. Null, the default: the model's own.</summary>
    [Range(0.0, 2.0)]
    public float? Temperature { get; set; }

    /// <summary>An answer that takes longer, as written, fails. 1 s to an hour, default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Last messages of a conversation that the model is shown. 1 to 1,000, default 20.</summary>
    [Range(1, 1000)]
    public int MaxMessages { get; set; } = 20;

    /// <summary>Conversations at a time; more are refused. 1 to 100,000, default 100.</summary>
    [Range(1, 100_000)]
    public int MaxConversations { get; set; } = 100;

    /// <summary>A client that takes nothing for this long is left. 1 s to an hour, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ReaderTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
