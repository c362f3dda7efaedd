namespace Inference.VoiceHost.Conversations;

/// <summary>How a conversation's audio goes out.</summary>
/// <param name="Output">What the client wants it to be.</param>
/// <param name="Lead">How far ahead of being heard it is sent.</param>
/// <param name="Takeover">How long what speaks may still be heard when something more urgent is to be said, or a pause is wanted.</param>
/// <param name="KeepsSent">Whether the client plays all that it was sent.</param>
internal sealed record SpeakerSettings(AudioOutput Output, TimeSpan Lead, TimeSpan Takeover, bool KeepsSent);
