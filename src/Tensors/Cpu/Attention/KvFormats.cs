using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>Keys and values in F32.</summary>
internal readonly unsafe struct KvF32<S, V> : IKvFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static int ElementBytes => 4;

    public static float Unit => 1;

    public static bool HasScales => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.Load((float*)source);
}

/// <summary>Keys and values in BF16.</summary>
internal readonly unsafe struct KvBF16<S, V> : IKvFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static int ElementBytes => 2;

    public static float Unit => 1;

    public static bool HasScales => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.LoadBFloat16((ushort*)source);
}

/// <summary>Keys and values in F16: bits moved to a float's places, with the difference of the exponents left to <see cref="Unit"/>.</summary>
internal readonly unsafe struct KvF16<S, V> : IKvFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static int ElementBytes => 2;

    /// <summary>2^112.</summary>
    public static float Unit => 5.192296858534828e33f;

    public static bool HasScales => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.LoadHalfBits((short*)source);
}

/// <summary>Keys and values in Q8_0.</summary>
internal readonly unsafe struct KvQ8<S, V> : IKvFormat<V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static int ElementBytes => 1;

    public static float Unit => 1;

    public static bool HasScales => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.LoadSByte((sbyte*)source);
}
