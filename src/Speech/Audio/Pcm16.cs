using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>Signed 16-bit samples.</summary>
public static class Pcm16
{
    /// <summary>The nearest 16-bit sample; what is beyond -1 to 1 is clipped, and no number is silence.</summary>
    public static short FromFloat(float sample) =>
        float.IsNaN(sample) ? (short)0 : (short)Math.Clamp(MathF.Round(sample * 32_768f), short.MinValue, short.MaxValue);

    /// <summary>Little-endian bytes of the samples.</summary>
    public static byte[] Encode(ReadOnlySpan<float> samples)
    {
        byte[] bytes = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(2 * i), FromFloat(samples[i]));
        }

        return bytes;
    }
}
