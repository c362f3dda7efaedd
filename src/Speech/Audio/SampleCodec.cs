using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>One sample of uncompressed audio: its bytes, and what they mean.</summary>
/// <param name="Bytes">Bytes of a sample.</param>
/// <param name="Read">Its value, from -1 to 1.</param>
internal sealed record SampleCodec(int Bytes, SampleCodec.Reader Read)
{
    public delegate float Reader(ReadOnlySpan<byte> bytes);

    public static SampleCodec Unsigned8 { get; } = new(1, b => (b[0] - 128) / 128f);

    public static SampleCodec Signed16 { get; } = new(2, b => BinaryPrimitives.ReadInt16LittleEndian(b) / 32_768f);

    public static SampleCodec Signed24 { get; } = new(3, b => ((b[0] << 8) | (b[1] << 16) | (b[2] << 24)) / 2_147_483_648f);

    public static SampleCodec Signed32 { get; } = new(4, b => BinaryPrimitives.ReadInt32LittleEndian(b) / 2_147_483_648f);

    public static SampleCodec Float32 { get; } = new(4, b => Finite(BinaryPrimitives.ReadSingleLittleEndian(b)));

    public static SampleCodec Float64 { get; } = new(8, b => Finite((float)BinaryPrimitives.ReadDoubleLittleEndian(b)));

    public static SampleCodec MuLaw { get; } = new(1, b => G711.FromMuLaw(b[0]));

    public static SampleCodec ALaw { get; } = new(1, b => G711.FromALaw(b[0]));

    /// <summary>What is no number would spread through every filter after it.</summary>
    private static float Finite(float value) => float.IsFinite(value) ? Math.Clamp(value, -16, 16) : 0;
}
