using Inference.Speech.Audio;
using Inference.Speech.Synthesis;
using RivaEncoding = Inference.Contracts.Riva.AudioEncoding;
using WireEncoding = Inference.Contracts.Speech.V1.AudioEncoding;

namespace Inference.VoiceHost.Grpc;

/// <summary>Encodings of the wire for audio that comes in. A header in the audio goes before what a client says of raw samples.</summary>
internal static class WireEncodings
{
    public static AudioEncoding ToInput(WireEncoding encoding) => encoding switch
    {
        WireEncoding.Unspecified or WireEncoding.Pcm16 => AudioEncoding.Auto,
        WireEncoding.Float32 => AudioEncoding.Float32,
        WireEncoding.Mulaw => AudioEncoding.MuLaw,
        WireEncoding.Alaw => AudioEncoding.ALaw,
        WireEncoding.Wav => AudioEncoding.Wav,
        WireEncoding.Flac => AudioEncoding.Flac,
        WireEncoding.OggOpus => AudioEncoding.OggOpus,
        WireEncoding.Mp3 => throw new SpeechRequestException("encoding", "MP3 is written, not read"),
        _ => throw new SpeechRequestException("encoding", $"{encoding} is not known"),
    };

    public static AudioEncoding ToInput(RivaEncoding encoding) => encoding switch
    {
        RivaEncoding.EncodingUnspecified or RivaEncoding.LinearPcm => AudioEncoding.Auto,
        RivaEncoding.Flac => AudioEncoding.Flac,
        RivaEncoding.Mulaw => AudioEncoding.MuLaw,
        RivaEncoding.Alaw => AudioEncoding.ALaw,
        RivaEncoding.Oggopus => AudioEncoding.OggOpus,
        _ => throw new SpeechRequestException("encoding", $"{encoding} is not known"),
    };
}
