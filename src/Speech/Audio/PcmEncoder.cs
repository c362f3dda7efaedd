using System.Buffers;
using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>Samples as Pcm16, Float32, MuLaw or ALaw, after a header or none.</summary>
internal sealed class PcmEncoder(AudioEncoding encoding, ReadOnlyMemory<byte> header) : IAudioEncoder
{
    private ReadOnlyMemory<byte> _header = header;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output)
    {
        WriteHeader(output);
        int size = encoding switch { AudioEncoding.Float32 => 4, AudioEncoding.MuLaw or AudioEncoding.ALaw => 1, _ => 2 };
        Span<byte> bytes = output.GetSpan(Math.Max(1, samples.Length * size));
        for (int i = 0; i < samples.Length; i++)
        {
            Write(samples[i], bytes[(i * size)..]);
        }

        output.Advance(samples.Length * size);
    }

    /// <inheritdoc/>
    public void Complete(IBufferWriter<byte> output) => WriteHeader(output);

    public void Dispose()
    {
    }

    private void WriteHeader(IBufferWriter<byte> output)
    {
        output.Write(_header.Span);
        _header = default;
    }

    private void Write(float sample, Span<byte> bytes)
    {
        switch (encoding)
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
