using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>Rounds floats to the formats of the KV cache, exactly as <see cref="HostKvCache.Write"/> does.</summary>
internal static unsafe class KvRounding
{
    /// <summary>Stores n numbers one after another; in Q8_0 the scales of each 32 go to <paramref name="scales"/>.</summary>
    public static void Round(DType type, float* source, int n, byte* target, float* scales)
    {
        switch (type)
        {
            case DType.F32:
                new Span<float>(source, n).CopyTo(new Span<float>(target, n));
                break;
            case DType.F16:
                ToHalf(source, (ushort*)target, n);
                break;
            case DType.BF16:
                ToBFloat16(source, (ushort*)target, n);
                break;
            default:
                for (int i = 0; i < n; i += HostKvCache.ScaleLength)
                {
                    scales[i / HostKvCache.ScaleLength] = ToSBytes(source + i, (sbyte*)target + i, Math.Min(HostKvCache.ScaleLength, n - i));
                }

                break;
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void ToHalf(float* source, ushort* target, int n)
    {
        int i = 0;
        for (; i + 8 <= n; i += 8)
        {
            Vector128.Narrow(Half(Vector128.Load(source + i)), Half(Vector128.Load(source + i + 4))).Store(target + i);
        }

        for (; i < n; i++)
        {
            target[i] = (ushort)Half(Vector128.CreateScalar(source[i])).ToScalar();
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void ToBFloat16(float* source, ushort* target, int n)
    {
        int i = 0;
        for (; i + 8 <= n; i += 8)
        {
            Vector128.Narrow(BFloat16(Vector128.Load(source + i)), BFloat16(Vector128.Load(source + i + 4))).Store(target + i);
        }

        for (; i < n; i++)
        {
            target[i] = (ushort)BFloat16(Vector128.CreateScalar(source[i])).ToScalar();
        }
    }

    /// <summary>At most 32 numbers; returns their scale.</summary>
    [MethodImpl(KernelCompilation.AtRunTime)]
    private static float ToSBytes(float* source, sbyte* target, int n)
    {
        Vector128<float> maxima = Vector128<float>.Zero;
        int i = 0;
        for (; i + 4 <= n; i += 4)
        {
            maxima = Vector128.Max(maxima, Vector128.Abs(Vector128.Load(source + i)));
        }

        float largest = MathF.Max(MathF.Max(maxima[0], maxima[1]), MathF.Max(maxima[2], maxima[3]));
        for (; i < n; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(source[i]));
        }

        float scale = largest / 127;
        Vector128<float> divisor = Vector128.Create(scale == 0 ? 1 : scale);
        for (i = 0; i + 4 <= n; i += 4)
        {
            Vector128<int> rounded = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(source + i) / divisor));
            Vector128<short> shorts = Vector128.Narrow(rounded, rounded);
            *(int*)(target + i) = Vector128.Narrow(shorts, shorts).AsInt32().ToScalar();
        }

        for (; i < n; i++)
        {
            target[i] = (sbyte)MathF.Round(scale == 0 ? 0 : source[i] / scale);
        }

        return scale;
    }

    /// <summary>
    /// Halves, rounded to nearest even, at most 65,504 in magnitude; NaN stays NaN. Numbers below the normal ones are rounded by
    /// adding one whose last place is theirs (Giesen, float_to_half_fast3_rtne).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Half(Vector128<float> value)
    {
        const uint DenormalMagic = (127 - 15 + 23 - 10 + 1) << 23;
        Vector128<uint> sign = value.AsUInt32() & Vector128.Create(0x80000000u);
        Vector128<float> magnitude = Vector128.MinNative(Vector128.Abs(value), Vector128.Create(65504f));
        Vector128<uint> bits = magnitude.AsUInt32();
        Vector128<uint> normal = (bits + Vector128.Create(unchecked((uint)((15 - 127) << 23) + 0xFFF)) + ((bits >> 13) & Vector128<uint>.One)) >> 13;
        Vector128<uint> small = (magnitude + Vector128.Create(DenormalMagic).AsSingle()).AsUInt32() - Vector128.Create(DenormalMagic);
        Vector128<uint> half = Vector128.ConditionalSelect(Vector128.LessThan(bits, Vector128.Create(113u << 23)), small, normal);
        half = Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), half, Vector128.Create(0x7E00u));
        return half | (sign >> 16);
    }

    /// <summary>The upper halves, rounded to nearest even; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> BFloat16(Vector128<float> value)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<uint> rounded = bits + Vector128.Create(0x7FFFu) + ((bits >> 16) & Vector128<uint>.One);
        Vector128<uint> quiet = bits | Vector128.Create(0x400000u);
        return Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), rounded, quiet) >> 16;
    }
}
