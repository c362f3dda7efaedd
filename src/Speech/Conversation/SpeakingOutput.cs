namespace Inference.Speech.Conversation;

/// <summary>What a <see cref="SpeakingQueue"/> gives: audio or a change of state.</summary>
/// <param name="UtteranceId">Whose.</param>
public abstract record SpeakingOutput(long UtteranceId);
