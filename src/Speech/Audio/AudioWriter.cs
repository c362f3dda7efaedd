using System.Buffers;
using Inference.Speech.Audio.Mp3;
using Inference.Speech.Audio.Opus;

namespace Inference.Speech.Audio;

/// <summary>Mono samples of one rate to the bytes of an encoding at another rate, in pieces. Not thread-safe.</summary>
public sealed class AudioWriter : IDisposable
{
    private readonly Resampler _resampler;
    private readonly IAudioEncoder _encoder;
    private readonly ArrayBufferWriter<float> _samples = new();

    /// <param name="encoding">Any but Auto and OpusPackets.</param>
    /// <param name="sourceRate">Hertz of the samples.</param>
    /// <param name="targetRate">Hertz of the bytes; not looked at for Opus, and the next that it knows for MP3.</param>
    /// <exception cref="AudioFormatException">The library that writes the encoding is not installed.</exception>
    public AudioWriter(AudioEncoding encoding, int sourceRate, int targetRate)
    {
        SampleRate = encoding switch
        {
            AudioEncoding.OggOpus => AudioFormat.HighestRate,
            AudioEncoding.Mp3 => Mp3Writer.NextRate(targetRate),
            _ => targetRate,
        };
        _resampler = new Resampler(sourceRate, SampleRate);
        _encoder = encoding switch
        {
            AudioEncoding.OggOpus => new OggOpusWriter(),
            AudioEncoding.Flac => new FlacWriter(SampleRate),
            AudioEncoding.Mp3 => new Mp3Writer(SampleRate),
            AudioEncoding.Wav => new PcmEncoder(AudioEncoding.Pcm16, WavHeader.Create(new AudioFormat(SampleRate, 1), null)),
            _ => new PcmEncoder(encoding, default),
        };
    }

    /// <summary>Whether LAME is installed, which writes MP3.</summary>
    public static bool WritesMp3 => Mp3Library.IsInstalled;

    /// <summary>Hertz of the bytes.</summary>
    public int SampleRate { get; }

    /// <summary>Appends the bytes that are certain after these samples.</summary>
    public void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output)
    {
        _resampler.Push(samples, _samples);
        Flush(output);
    }

    /// <summary>Appends the last bytes.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        _resampler.Complete(_samples);
        Flush(output);
        _encoder.Complete(output);
    }

    public void Dispose() => _encoder.Dispose();

    private void Flush(IBufferWriter<byte> output)
    {
        _encoder.Write(_samples.WrittenSpan, output);
        _samples.ResetWrittenCount();
    }
}
