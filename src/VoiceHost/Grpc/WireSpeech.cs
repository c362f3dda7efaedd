using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;
using WireEncoding = Inference.Contracts.Speech.V1.AudioEncoding;
using WireMark = Inference.Contracts.Speech.V1.SpeechMark;

namespace Inference.VoiceHost.Grpc;

/// <summary>Synthesis on the wire.</summary>
internal static class WireSpeech
{
    /// <summary>A mark of audio at a rate.</summary>
    public static WireMark ToMark(Speech.Synthesis.SpeechMark mark, int sampleRate) => new()
    {
        Kind = mark.Kind switch
        {
            SpeechMarkKind.Sentence => WireMark.Types.Kind.Sentence,
            SpeechMarkKind.Word => WireMark.Types.Kind.Word,
            _ => WireMark.Types.Kind.Named,
        },
        TextOffset = mark.TextOffset,
        TextLength = mark.TextLength,
        Time = TimeSpan.FromSeconds((double)mark.Sample / sampleRate).ToDuration(),
        Name = mark.Name ?? "",
    };

    /// <summary>The encoding of audio that goes out.</summary>
    /// <exception cref="SpeechRequestException">It is not written.</exception>
    public static Speech.Audio.AudioEncoding ToEncoding(WireEncoding encoding) => encoding switch
    {
        WireEncoding.Unspecified or WireEncoding.Pcm16 => Speech.Audio.AudioEncoding.Pcm16,
        WireEncoding.Float32 => Speech.Audio.AudioEncoding.Float32,
        WireEncoding.Mulaw => Speech.Audio.AudioEncoding.MuLaw,
        WireEncoding.Alaw => Speech.Audio.AudioEncoding.ALaw,
        WireEncoding.Wav => Speech.Audio.AudioEncoding.Wav,
        WireEncoding.Flac => Speech.Audio.AudioEncoding.Flac,
        WireEncoding.OggOpus => Speech.Audio.AudioEncoding.OggOpus,
        WireEncoding.Mp3 => Speech.Audio.AudioEncoding.Mp3,
        _ => throw new SpeechRequestException("encoding", $"speech is written as PCM16, FLOAT32, MULAW, ALAW, WAV, FLAC, OGG_OPUS or MP3, not {encoding}"),
    };

    /// <summary>What to say, in a manner; null is the default's.</summary>
    public static SpeechRequest ToRequest(string text, bool isSsml, SpeakingManner? manner) => new()
    {
        Text = text,
        IsSsml = isSsml,
        Voice = manner is { Voice.Length: > 0 } ? manner.Voice : null,
        Language = manner is { Language.Length: > 0 } ? manner.Language : null,
        Rate = manner is { HasRate: true } ? manner.Rate : 1,
        Pitch = manner is { HasPitch: true } ? manner.Pitch : 1,
        Volume = manner is { HasVolume: true } ? manner.Volume : 1,
        Emotion = manner is { Emotion.Length: > 0 } ? manner.Emotion : null,
    };

    /// <summary>A state of the speaking queue.</summary>
    public static SpeakingChange.Types.State ToState(SpeakingState state) => state switch
    {
        SpeakingState.Queued => SpeakingChange.Types.State.Queued,
        SpeakingState.Started => SpeakingChange.Types.State.Started,
        SpeakingState.Paused => SpeakingChange.Types.State.Paused,
        SpeakingState.Resumed => SpeakingChange.Types.State.Resumed,
        SpeakingState.Finished => SpeakingChange.Types.State.Finished,
        SpeakingState.Stopped => SpeakingChange.Types.State.Stopped,
        _ => SpeakingChange.Types.State.Failed,
    };
}
