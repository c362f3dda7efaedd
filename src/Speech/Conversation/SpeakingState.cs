namespace Inference.Speech.Conversation;

/// <summary>Where an utterance of a <see cref="SpeakingQueue"/> stands.</summary>
public enum SpeakingState
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Its first sample comes next.</summary>
    Started,

    /// <summary>Silent at a word mark, for a more urgent one or because the queue is paused.</summary>
    Paused,

    /// <summary>Goes on at the word where it paused.</summary>
    Resumed,

    /// <summary>Said to its end.</summary>
    Finished,

    /// <summary>Ended before its end, by stop, skip or replay.</summary>
    Stopped,

    /// <summary>Its synthesis failed.</summary>
    Failed,
}
