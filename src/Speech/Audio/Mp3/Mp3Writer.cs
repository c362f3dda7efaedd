using System.Buffers;

namespace Inference.Speech.Audio.Mp3;

/// <summary>Writes one channel of samples as MP3 (MPEG-1, 2 or 2.5 layer III) of a constant bit rate, without tags, so that it can be played as it comes.</summary>
internal sealed class Mp3Writer : IAudioEncoder
{
    private const int Piece = 4_096;

    // LAME's worst case: 1.25 bytes a sample and 7,200.
    private const int MostBytes = (Piece * 5 / 4) + 7_200;

    private static readonly int[] Rates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

    private readonly Mp3EncoderHandle _encoder;
    private readonly float[] _samples = new float[Piece];
    private readonly byte[] _bytes = new byte[MostBytes];

    /// <param name="sampleRate">Hertz; one of those that MP3 has.</param>
    /// <exception cref="AudioFormatException">LAME is not installed.</exception>
    public Mp3Writer(int sampleRate)
    {
        Mp3Library.Require();
        _encoder = Mp3Library.Create();
        Check(Mp3Library.SetInputRate(_encoder, sampleRate));
        Check(Mp3Library.SetOutputRate(_encoder, sampleRate));
        Check(Mp3Library.SetChannels(_encoder, 1));
        Check(Mp3Library.SetBitRate(_encoder, sampleRate >= 32_000 ? 96 : sampleRate >= 16_000 ? 64 : 32));
        Check(Mp3Library.SetWriteTag(_encoder, 0));
        Check(Mp3Library.Begin(_encoder));
    }

    /// <summary>The lowest rate of MP3 that is not below one, in hertz; the highest where there is none.</summary>
    public static int NextRate(int rate) => Rates.FirstOrDefault(r => r >= rate, Rates[^1]);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output)
    {
        while (!samples.IsEmpty)
        {
            int count = Math.Min(samples.Length, Piece);
            samples[..count].CopyTo(_samples);
            output.Write(_bytes.AsSpan(0, Check(Mp3Library.Encode(_encoder, _samples, _samples, count, _bytes, _bytes.Length))));
            samples = samples[count..];
        }
    }

    /// <inheritdoc/>
    public void Complete(IBufferWriter<byte> output) => output.Write(_bytes.AsSpan(0, Check(Mp3Library.Flush(_encoder, _bytes, _bytes.Length))));

    public void Dispose() => _encoder.Dispose();

    private static int Check(int result) => result >= 0 ? result : throw new InvalidOperationException($"LAME cannot encode (error {result})");
}
