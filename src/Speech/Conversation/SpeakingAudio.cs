using Inference.Speech.Synthesis;

namespace Inference.Speech.Conversation;

/// <summary>Some of an utterance's audio, at most <see cref="SpeakingQueue.FrameLength"/> long. It does not go beyond a word mark.</summary>
/// <param name="UtteranceId">Whose.</param>
/// <param name="Chunk">Samples count from the utterance's beginning.</param>
public sealed record SpeakingAudio(long UtteranceId, SpeechChunk Chunk) : SpeakingOutput(UtteranceId);
