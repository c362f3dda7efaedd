using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Weights in F32.</summary>
internal readonly unsafe struct WeightF32<S, V> : IWeightFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int k, nint ahead) => Memory.Prefetch(row + (4 * (nint)k) + ahead);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(in WeightRows rows, int k) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* row, int k, V scale) => S.Load((float*)row + k);

    public static V LoadPartial(byte* row, int k, int count) => VectorMath<S, V>.LoadPartial((float*)row + k, count);
}

/// <summary>Weights in BF16.</summary>
internal readonly unsafe struct WeightBF16<S, V> : IWeightFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int k, nint ahead) => Memory.Prefetch(row + (2 * (nint)k) + ahead);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(in WeightRows rows, int k) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* row, int k, V scale) => S.LoadBFloat16((ushort*)row + k);

    public static V LoadPartial(byte* row, int k, int count)
    {
        ushort* buffer = stackalloc ushort[16];
        new Span<ushort>((ushort*)row + k, count).CopyTo(Memory.Cleared(buffer));
        return S.LoadBFloat16(buffer);
    }
}

/// <summary>Weights in F16.</summary>
internal readonly unsafe struct WeightF16<S, V> : IWeightFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int k, nint ahead) => Memory.Prefetch(row + (2 * (nint)k) + ahead);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(in WeightRows rows, int k) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* row, int k, V scale) => S.LoadHalf((ushort*)row + k);

    public static V LoadPartial(byte* row, int k, int count)
    {
        ushort* buffer = stackalloc ushort[16];
        new Span<ushort>((ushort*)row + k, count).CopyTo(Memory.Cleared(buffer));
        return S.LoadHalf(buffer);
    }
}

/// <summary>Weights in Q8_0. Scale times quant is exact in a float (11 and 8 bits).</summary>
internal readonly unsafe struct WeightQ8<S, V> : IWeightFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int k, nint ahead) => Memory.Prefetch(row + ((k >> 5) * 34) + ahead);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(in WeightRows rows, int k) => rows.Halves((k >> 5) * 34);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* row, int k, V scale) => S.Multiply(scale, S.LoadSByte((sbyte*)row + ((k >> 5) * 34) + 2 + (k & 31)));

    public static V LoadPartial(byte* row, int k, int count) => default;
}

/// <summary>Weights in Q4_0. Scale times quant is exact in a float (11 and 4 bits).</summary>
internal readonly unsafe struct WeightQ4<S, V> : IWeightFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* row, int k, nint ahead) => Memory.Prefetch(row + ((k >> 5) * 18) + ahead);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scales(in WeightRows rows, int k) => rows.Halves((k >> 5) * 18);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* row, int k, V scale) =>
        S.Multiply(scale, S.LoadNibble(row + ((k >> 5) * 18) + 2 + (k & 15), (k & 16) >> 2));

    public static V LoadPartial(byte* row, int k, int count) => default;
}
