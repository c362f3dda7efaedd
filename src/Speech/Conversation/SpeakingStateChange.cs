namespace Inference.Speech.Conversation;

/// <summary>An utterance's new state.</summary>
/// <param name="UtteranceId">Whose.</param>
/// <param name="State">The new one.</param>
/// <param name="SpokenText">The beginning of its text whose words were given to the reader from first to last sample.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
public sealed record SpeakingStateChange(long UtteranceId, SpeakingState State, string SpokenText, string? Error = null) : SpeakingOutput(UtteranceId)
{
    /// <summary>Of <see cref="SpeakingState.Paused"/>: what was given of its audio from this sample on is not to be heard.</summary>
    public long HeardUntil { get; init; }

    /// <summary>Of <see cref="SpeakingState.Paused"/>: it goes on with this sample.</summary>
    public long ResumesAt { get; init; }
}
