using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Functions of vectors that every instruction set shares.</summary>
internal static unsafe class VectorMath<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>
    /// e^x to about 2 ulp for -87.3 to 88.0, clamped outside: range reduction by ln 2 in two parts and Cephes' polynomial
    /// (Moshier, expf).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        x = S.Min(S.Max(x, S.Broadcast(-87.33654f)), S.Broadcast(88.02f));
        V n = S.Round(S.Multiply(x, S.Broadcast(1.44269504088896341f)));
        V r = S.Fma(n, S.Broadcast(-0.693359375f), x);
        r = S.Fma(n, S.Broadcast(2.12194440e-4f), r);
        V p = S.Fma(S.Broadcast(1.9875691500e-4f), r, S.Broadcast(1.3981999507e-3f));
        p = S.Fma(p, r, S.Broadcast(8.3334519073e-3f));
        p = S.Fma(p, r, S.Broadcast(4.1665795894e-2f));
        p = S.Fma(p, r, S.Broadcast(1.6666665459e-1f));
        p = S.Fma(p, r, S.Broadcast(5.0000001201e-1f));
        p = S.Add(S.Fma(p, S.Multiply(r, r), r), S.Broadcast(1));
        return S.Multiply(p, S.PowerOfTwo(n));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x)
    {
        V one = S.Broadcast(1);
        return S.Divide(one, S.Add(one, Exp(S.Subtract(S.Zero, x))));
    }

    /// <summary>tanh x = 1 - 2 / (1 + e^2x), exact to about 1e-7 absolutely.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        V one = S.Broadcast(1);
        return S.Subtract(one, S.Divide(S.Broadcast(2), S.Add(one, Exp(S.Add(x, x)))));
    }

    /// <summary>cap * tanh(x / cap).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SoftCap(V x, V cap) => S.Multiply(cap, Tanh(S.Divide(x, cap)));

    /// <summary>The first <paramref name="count"/> floats, followed by zeros.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static V LoadPartial(float* source, int count)
    {
        float* buffer = stackalloc float[16];
        S.Store(buffer, S.Zero);
        for (int i = 0; i < count; i++)
        {
            buffer[i] = source[i];
        }

        return S.Load(buffer);
    }

    /// <summary>Stores the first <paramref name="count"/> floats.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StorePartial(float* target, V value, int count)
    {
        float* buffer = stackalloc float[16];
        S.Store(buffer, value);
        for (int i = 0; i < count; i++)
        {
            target[i] = buffer[i];
        }
    }

    /// <summary>The sum of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V v) => S.Sum4(v, v, v, v).ToScalar();

    /// <summary>The largest lane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float Max(V v)
    {
        float* buffer = stackalloc float[16];
        S.Store(buffer, v);
        Vector128<float> largest = Vector128.Load(buffer);
        for (int i = Vector128<float>.Count; i < S.Count; i += Vector128<float>.Count)
        {
            largest = Vector128.MaxNative(largest, Vector128.Load(buffer + i));
        }

        largest = Vector128.MaxNative(largest, Vector128.Shuffle(largest, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(largest, Vector128.Shuffle(largest, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
