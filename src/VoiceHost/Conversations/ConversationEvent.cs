using Inference.Contracts.Speech.V1;
using Inference.Contracts.V1;
using Inference.Speech.Recognition;

namespace Inference.VoiceHost.Conversations;

/// <summary>What a conversation reacts to.</summary>
internal abstract record ConversationEvent
{
    /// <summary>The client says or does something.</summary>
    public sealed record Requested(ConverseRequest Request) : ConversationEvent;

    /// <summary>The client has sent nothing for a while.</summary>
    public sealed record Quiet(TimeSpan Time) : ConversationEvent;

    /// <summary>The client will send nothing more, or the host is about to leave.</summary>
    public sealed record RequestsEnded : ConversationEvent;

    public sealed record Understood(RecognitionUpdate Update) : ConversationEvent;

    /// <summary>The model goes on.</summary>
    public sealed record Written(Answer Answer, string Text) : ConversationEvent;

    /// <summary>The model has ended, or failed.</summary>
    public sealed record WritingEnded(Answer Answer, FinishReason Reason, string? Error) : ConversationEvent;

    /// <summary>An utterance's first audio was sent.</summary>
    public sealed record SpeakingBegan(long UtteranceId, long Timestamp) : ConversationEvent;

    public sealed record UtteranceEnded(long UtteranceId) : ConversationEvent;

    /// <summary>Everything has been said.</summary>
    public sealed record SpeakingEnded : ConversationEvent;
}
