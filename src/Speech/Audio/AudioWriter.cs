using System.Buffers;
using System.Buffers.Binary;
using Inference.Speech.Audio.Opus;

namespace Inference.Speech.Audio;

/// <summary>Mono samples of one rate to the bytes of an encoding at another rate, in pieces. Not thread-safe.</summary>
public sealed class AudioWriter : IDisposable
{
    private readonly AudioEncoding _encoding;
    private readonly Resampler _resampler;
    private readonly OggOpusWriter? _opus;
    private readonly ArrayBufferWriter<float> _samples = new();
    private bool _begun;

    /// <param name="encoding">Pcm16, Float32, MuLaw, ALaw, Wav or OggOpus.</param>
    /// <param name="sourceRate">Hertz of the samples.</param>
    /// <param name="targetRate">Hertz of the bytes; not looked at for Opus.</param>
    public AudioWriter(AudioEncoding encoding, int sourceRate, int targetRate)
    {
        _encoding = encoding;
        SampleRate = encoding == AudioEncoding.OggOpus ? AudioFormat.HighestRate : targetRate;
        _resampler = new Resampler(sourceRate, SampleRate);
        _opus = encoding == AudioEncoding.OggOpus ? new OggOpusWriter() : null;
    }

    /// <summary>Hertz of the bytes.</summary>
    public int SampleRate { get; }

    /// <summary>Appends the bytes that are certain after these samples.</summary>
    public void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output)
    {
        Begin(output);
        _resampler.Push(samples, _samples);
        Flush(output);
    }

    /// <summary>Appends the last bytes.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        Begin(output);
        _resampler.Complete(_samples);
        Flush(output);
        _opus?.Complete(output);
    }

    public void Dispose() => _opus?.Dispose();

    private void Begin(IBufferWriter<byte> output)
    {
        if (!_begun && _encoding == AudioEncoding.Wav)
        {
            output.Write(WavHeader.Create(new AudioFormat(SampleRate, 1), null));
        }

        _begun = true;
    }

    private void Flush(IBufferWriter<byte> output)
    {
        ReadOnlySpan<float> samples = _samples.WrittenSpan;
        if (_opus is not null)
        {
            _opus.Write(samples, output);
        }
        else
        {
            int size = _encoding switch { AudioEncoding.Float32 => 4, AudioEncoding.MuLaw or AudioEncoding.ALaw => 1, _ => 2 };
            Span<byte> bytes = output.GetSpan(Math.Max(1, samples.Length * size));
            for (int i = 0; i < samples.Length; i++)
            {
                Write(samples[i], bytes[(i * size)..]);
            }

            output.Advance(samples.Length * size);
        }

        _samples.ResetWrittenCount();
    }

    private void Write(float sample, Span<byte> bytes)
    {
        switch (_encoding)
        {
            case AudioEncoding.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, sample);
                break;
            case AudioEncoding.MuLaw:
                bytes[0] = G711.ToMuLaw(sample);
                break;
            case AudioEncoding.ALaw:
                bytes[0] = G711.ToALaw(sample);
                break;
            default:
                BinaryPrimitives.WriteInt16LittleEndian(bytes, Pcm16.FromFloat(sample));
                break;
        }
    }
}
