namespace Inference.Speech.Conversation;

/// <summary>Where an utterance of a <see cref="SpeakingQueue"/> stands.</summary>
public enum SpeakingState
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Its first sample comes next.</summary>
    Started,

    /// <summary>Silent between words or within one, for a more urgent one or because the queue is paused.</summary>
    Paused,

    /// <summary>Goes on after the last word that was heard whole.</summary>
    Resumed,

    /// <summary>Said to its end.</summary>
    Finished,

    /// <summary>Ended before its end, by stop, skip or replay.</summary>
    Stopped,

    /// <summary>Its synthesis failed.</summary>
    Failed,
}
