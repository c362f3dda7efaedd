using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Inference.Generation.Sampling;

/// <summary>Passes over a row of logits, eight at a time. The order of sums depends on the length only.</summary>
internal static class LogitMath
{
    /// <summary>The largest value, in one pass; NaN where a value is NaN or infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // No compiler takes it ahead of time, and the first answer should not wait for the slow one.
    public static float MaxIfFinite(ReadOnlySpan<float> x)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(x);
        Vector256<float> most = Vector256.Create(float.NegativeInfinity);
        Vector256<float> zeros = Vector256<float>.Zero;
        foreach (Vector256<float> block in blocks)
        {
            most = Vector256.Max(most, block);
            zeros += block * 0f;
        }

        float zero = Vector256.Sum(zeros);
        float max = float.NegativeInfinity;
        for (int i = 0; i < 8; i++)
            max = MathF.Max(max, most[i]);
        foreach (float value in x[(blocks.Length * 8)..])
        {
            max = MathF.Max(max, value);
            zero += value * 0f;
        }

        return zero == 0 ? max : float.NaN;
    }

    /// <summary>The largest value; x is not empty and has no NaN.</summary>
    public static float Max(ReadOnlySpan<float> x)
    {
        ReadOnlySpan<Vector256<float>> blocks = MemoryMarshal.Cast<float, Vector256<float>>(x);
        Vector256<float> most = Vector256.Create(float.NegativeInfinity);
        foreach (Vector256<float> block in blocks)
            most = Vector256.Max(most, block);
        float max = float.NegativeInfinity;
        for (int i = 0; i < 8; i++)
            max = MathF.Max(max, most[i]);
        foreach (float value in x[(blocks.Length * 8)..])
            max = MathF.Max(max, value);
        return max;
    }

    /// <summary>Index of the largest value, the lowest of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> x) => IndexOf(x, Max(x));

    /// <summary>The first index of a value that is there.</summary>
    public static int IndexOf(ReadOnlySpan<float> x, float value)
    {
        Vector256<float> values = Vector256.Create(value);
        int start = 0;
        foreach (Vector256<float> block in MemoryMarshal.Cast<float, Vector256<float>>(x))
        {
            if (Vector256.EqualsAny(block, values))
                break;
            start += 8;
        }

        return start + x[start..].IndexOf(value);
    }

    /// <summary>scaled = (x - shift) / divisor; weights = exp(scaled); returns the sum of the weights, as <see cref="Sum"/> does.</summary>
    public static double ScaleAndExp(ReadOnlySpan<float> x, float shift, float divisor, Span<float> scaled, Span<float> weights)
    {
        double sum = 0;
        for (; x.Length >= 1024; x = x[1024..], scaled = scaled[1024..], weights = weights[1024..])
        {
            Scale(x[..1024], shift, divisor, scaled);
            Exp(scaled[..1024], 0, 1, weights);
            sum += SumOf1024(weights[..1024]);
        }

        Scale(x, shift, divisor, scaled);
        Exp(scaled[..x.Length], 0, 1, weights);
        foreach (float weight in weights[..x.Length])
            sum += weight;
        return sum;
    }

    /// <summary>y = (x - shift) / divisor; y may be x.</summary>
    public static void Scale(ReadOnlySpan<float> x, float shift, float divisor, Span<float> y)
    {
        ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(x);
        Span<Vector256<float>> destination = MemoryMarshal.Cast<float, Vector256<float>>(y);
        Vector256<float> shifts = Vector256.Create(shift);
        Vector256<float> divisors = Vector256.Create(divisor);
        for (int i = 0; i < source.Length; i++)
            destination[i] = (source[i] - shifts) / divisors;
        for (int i = source.Length * 8; i < x.Length; i++)
            y[i] = (x[i] - shift) / divisor;
    }

    /// <summary>y = -|x - center|.</summary>
    public static void Nearness(ReadOnlySpan<float> x, float center, Span<float> y)
    {
        ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(x);
        Span<Vector256<float>> destination = MemoryMarshal.Cast<float, Vector256<float>>(y);
        Vector256<float> centers = Vector256.Create(center);
        for (int i = 0; i < source.Length; i++)
            destination[i] = -Vector256.Abs(source[i] - centers);
        for (int i = source.Length * 8; i < x.Length; i++)
            y[i] = -MathF.Abs(x[i] - center);
    }

    /// <summary>The sum of weights whose key is at least the limit; no smaller for a lower limit.</summary>
    public static double SumWhereAtLeast(ReadOnlySpan<float> weights, ReadOnlySpan<float> keys, float limit)
    {
        Vector256<float> limits = Vector256.Create(limit);
        double sum = 0;
        for (; keys.Length >= 1024; keys = keys[1024..], weights = weights[1024..])
        {
            ReadOnlySpan<Vector256<float>> keyBlocks = MemoryMarshal.Cast<float, Vector256<float>>(keys[..1024]);
            ReadOnlySpan<Vector256<float>> weightBlocks = MemoryMarshal.Cast<float, Vector256<float>>(weights[..1024]);
            Vector256<float> lanes = Vector256<float>.Zero;
            for (int i = 0; i < keyBlocks.Length; i++)
                lanes += Vector256.GreaterThanOrEqual(keyBlocks[i], limits) & weightBlocks[i];
            sum += Vector256.Sum(lanes);
        }

        for (int i = 0; i < keys.Length; i++)
            sum += keys[i] >= limit ? weights[i] : 0;
        return sum;
    }

    /// <summary>y = exp((x - shift) * scale); y may be x.</summary>
    public static void Exp(ReadOnlySpan<float> x, float shift, float scale, Span<float> y)
    {
        ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(x);
        Span<Vector256<float>> destination = MemoryMarshal.Cast<float, Vector256<float>>(y);
        Vector256<float> shifts = Vector256.Create(shift);
        for (int i = 0; i < source.Length; i++)
            destination[i] = Vector256.Exp((source[i] - shifts) * scale);
        for (int i = source.Length * 8; i < x.Length; i++)
            y[i] = MathF.Exp((x[i] - shift) * scale);
    }

    /// <summary>The sum, in double precision.</summary>
    public static double Sum(ReadOnlySpan<float> x)
    {
        double sum = 0;
        for (; x.Length >= 1024; x = x[1024..])
            sum += SumOf1024(x[..1024]);
        foreach (float value in x)
            sum += value;
        return sum;
    }

    /// <summary>log(sum(exp(x))); <paramref name="scratch"/> is as long as x.</summary>
    public static double LogSumExp(ReadOnlySpan<float> x, Span<float> scratch)
    {
        float max = Max(x);
        Exp(x, max, 1, scratch);
        return max + Math.Log(Sum(scratch[..x.Length]));
    }

    private static float SumOf1024(ReadOnlySpan<float> x)
    {
        Vector256<float> sum = Vector256<float>.Zero;
        foreach (Vector256<float> block in MemoryMarshal.Cast<float, Vector256<float>>(x))
            sum += block;
        return Vector256.Sum(sum);
    }
}
