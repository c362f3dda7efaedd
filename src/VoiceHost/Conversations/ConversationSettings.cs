using Inference.Contracts.Speech.V1;
using Inference.Contracts.V1;
using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;

namespace Inference.VoiceHost.Conversations;

/// <summary>What a client asked of its conversation, checked.</summary>
internal sealed record ConversationSettings
{
    public required ConversationMode Mode { get; init; }

    /// <summary>Null where the host has no recogniser: text only.</summary>
    public required Func<Ear>? CreateEar { get; init; }

    public bool InterimResults { get; init; }

    public required TurnEndOptions TurnEnd { get; init; }

    public required BargeInOptions BargeIn { get; init; }

    /// <summary>Voice without words that makes the host pause.</summary>
    public required TimeSpan PauseAfter { get; init; }

    /// <summary>How answers are spoken.</summary>
    public required SpeechRequest Manner { get; init; }

    public required SpeakerSettings Speaker { get; init; }

    /// <summary>What is asked of the model, without its messages.</summary>
    public required GenerateRequest Request { get; init; }

    public required string SystemPrompt { get; init; }

    /// <summary>Of answers in the speaking queue.</summary>
    public required int Priority { get; init; }
}
