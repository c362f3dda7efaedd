using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>Samples without a header. A sample may be split between two pieces.</summary>
internal sealed class RawDecoder(SampleCodec codec, AudioFormat format) : IAudioDecoder
{
    private readonly byte[] _rest = new byte[codec.Bytes];
    private int _restLength;

    public AudioFormat? Format => format;

    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        if (_restLength > 0)
        {
            int needed = Math.Min(codec.Bytes - _restLength, bytes.Length);
            bytes[..needed].CopyTo(_rest.AsSpan(_restLength));
            _restLength += needed;
            bytes = bytes[needed..];
            if (_restLength < codec.Bytes)
            {
                return;
            }

            output.Write([codec.Read(_rest)]);
            _restLength = 0;
        }

        int count = bytes.Length / codec.Bytes;
        Span<float> samples = output.GetSpan(Math.Max(1, count));
        for (int i = 0; i < count; i++)
        {
            samples[i] = codec.Read(bytes.Slice(i * codec.Bytes, codec.Bytes));
        }

        output.Advance(count);
        bytes = bytes[(count * codec.Bytes)..];
        bytes.CopyTo(_rest);
        _restLength = bytes.Length;
    }

    public void Complete(IBufferWriter<float> output)
    {
        if (_restLength > 0)
        {
            throw new AudioFormatException($"the audio ends {_restLength} bytes into a sample of {codec.Bytes}");
        }
    }

    public void Dispose()
    {
    }
}
