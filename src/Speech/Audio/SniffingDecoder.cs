using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>Finds the encoding in the first bytes: files say what they are; what does not is raw 16-bit samples.</summary>
internal sealed class SniffingDecoder(AudioFormat raw) : IAudioDecoder
{
    private const int Enough = 12;

    private readonly ByteQueue _first = new();
    private IAudioDecoder? _decoder;

    public AudioFormat? Format => _decoder?.Format;

    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        if (_decoder is not null)
        {
            _decoder.Push(bytes, output);
            return;
        }

        _first.Append(bytes);
        if (_first.Length >= Enough)
        {
            Begin(output);
        }
    }

    public void Complete(IBufferWriter<float> output)
    {
        if (_decoder is null)
        {
            Begin(output);
        }

        _decoder!.Complete(output);
    }

    public void Dispose() => _decoder?.Dispose();

    private void Begin(IBufferWriter<float> output)
    {
        ReadOnlySpan<byte> bytes = _first.Peek(_first.Length);
        _decoder = AudioDecoders.Create(EncodingOf(bytes), raw);
        _decoder.Push(bytes, output);
    }

    private static AudioEncoding EncodingOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Enough && bytes[..4].SequenceEqual("RIFF"u8) && bytes[8..12].SequenceEqual("WAVE"u8) ? AudioEncoding.Wav
        : bytes.StartsWith("fLaC"u8) ? AudioEncoding.Flac
        : bytes.StartsWith("OggS"u8) ? AudioEncoding.OggOpus
        : AudioEncoding.Pcm16;
}
