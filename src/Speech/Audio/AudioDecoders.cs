using Inference.Speech.Audio.Opus;

namespace Inference.Speech.Audio;

/// <summary>The decoder of each encoding.</summary>
public static class AudioDecoders
{
    /// <summary>Makes a decoder.</summary>
    /// <param name="encoding">How the bytes are written.</param>
    /// <param name="format">Rate and channels where the bytes do not say them; what files say goes before it.</param>
    /// <exception cref="AudioFormatException">The format is out of its limits, or libopus is wanted and not installed.</exception>
    public static IAudioDecoder Create(AudioEncoding encoding, AudioFormat format) => encoding switch
    {
        AudioEncoding.Auto => new SniffingDecoder(format),
        AudioEncoding.Pcm16 => new RawDecoder(SampleCodec.Signed16, Checked(format)),
        AudioEncoding.Float32 => new RawDecoder(SampleCodec.Float32, Checked(format)),
        AudioEncoding.MuLaw => new RawDecoder(SampleCodec.MuLaw, Checked(format)),
        AudioEncoding.ALaw => new RawDecoder(SampleCodec.ALaw, Checked(format)),
        AudioEncoding.Wav => new WavDecoder(),
        AudioEncoding.Flac => new FlacDecoder(),
        AudioEncoding.OggOpus => new OggOpusDecoder(),
        AudioEncoding.OpusPackets => new OpusFrameDecoder(format.Channels is 1 or 2 ? format.Channels : throw new AudioFormatException($"Opus packets have 1 or 2 channels, not {format.Channels}")),
        AudioEncoding.Mp3 => throw new AudioFormatException("MP3 is written, not read"),
        _ => throw new AudioFormatException($"the encoding must be one of {string.Join(", ", Enum.GetNames<AudioEncoding>())}, not {encoding}"),
    };

    private static AudioFormat Checked(AudioFormat format) => format.Fault is { } fault ? throw new AudioFormatException(fault) : format;
}
