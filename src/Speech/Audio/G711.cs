namespace Inference.Speech.Audio;

/// <summary>ITU-T G.711: 8-bit logarithmic samples of telephony.</summary>
internal static class G711
{
    private const int Bias = 0x84;
    private const int Clip = 32_635;

    private static readonly short[] MuLawTable = [.. Enumerable.Range(0, 256).Select(code => Expand(code))];
    private static readonly short[] ALawTable = [.. Enumerable.Range(0, 256).Select(code => ExpandALaw(code))];

    public static float FromMuLaw(byte code) => MuLawTable[code] / 32_768f;

    public static float FromALaw(byte code) => ALawTable[code] / 32_768f;

    public static byte ToMuLaw(float sample)
    {
        int value = Pcm16.FromFloat(sample);
        int sign = value < 0 ? 0x80 : 0;
        int magnitude = Math.Min(Math.Abs(value), Clip) + Bias;
        int exponent = Math.Max(0, int.Log2(magnitude) - 7);
        return (byte)~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F));
    }

    public static byte ToALaw(float sample)
    {
        int value = Pcm16.FromFloat(sample);
        int sign = value < 0 ? 0 : 0x80;
        int magnitude = (value < 0 ? ~value : value) >> 3;
        int exponent = Math.Max(0, int.Log2(Math.Max(1, magnitude)) - 4);
        int mantissa = exponent == 0 ? magnitude >> 1 : (magnitude >> exponent) & 0x0F;
        return (byte)((sign | ((exponent == 0 ? 0 : exponent) << 4) | (mantissa & 0x1F)) ^ 0x55);
    }

    private static short Expand(int code)
    {
        code = ~code & 0xFF;
        int magnitude = ((((code & 0x0F) << 3) + Bias) << ((code >> 4) & 7)) - Bias;
        return (short)((code & 0x80) != 0 ? -magnitude : magnitude);
    }

    private static short ExpandALaw(int code)
    {
        code ^= 0x55;
        int exponent = (code >> 4) & 7;
        int magnitude = ((code & 0x0F) << 4) + 8;
        if (exponent > 0)
        {
            magnitude = (magnitude + 0x100) << (exponent - 1);
        }

        return (short)((code & 0x80) != 0 ? magnitude : -magnitude);
    }
}
