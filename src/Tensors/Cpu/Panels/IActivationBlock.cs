using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>Sixteen units of four bytes that a kernel broadcasts, made of consecutive floats of a row of x.</summary>
internal unsafe interface IActivationBlock
{
    /// <summary>Floats in a unit: 1 or 2.</summary>
    static abstract int UnitFloats { get; }

    /// <summary>Units of 16 * UnitFloats floats.</summary>
    static abstract Vector512<int> Load(float* x);
}

/// <summary>Floats as they are.</summary>
internal readonly unsafe struct FloatBlock : IActivationBlock
{
    public static int UnitFloats => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(float* x) => Vector512.Load((int*)x);
}

/// <summary>Floats rounded to BF16, to the nearest even, and kept as floats.</summary>
internal readonly unsafe struct RoundedFloatBlock : IActivationBlock
{
    public static int UnitFloats => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(float* x)
    {
        Vector512<int> bits = Vector512.Load((int*)x);
        Vector512<int> rounded = bits + Vector512.Create(0x7FFF) + ((bits >>> 16) & Vector512<int>.One);
        Vector512<int> isNan = (~Vector512.Equals(bits.AsSingle(), bits.AsSingle())).AsInt32();
        return Vector512.ConditionalSelect(isNan, bits | Vector512.Create(0x400000), rounded) & Vector512.Create(unchecked((int)0xFFFF0000));
    }
}

/// <summary>Pairs of floats rounded to BF16, to the nearest even; the first one in the lower half.</summary>
internal readonly unsafe struct BFloat16Block : IActivationBlock
{
    public static int UnitFloats => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Load(float* x)
    {
        Vector256<ushort> low = Avx512F.ConvertToVector256UInt16(RoundedFloatBlock.Load(x).AsUInt32() >>> 16);
        Vector256<ushort> high = Avx512F.ConvertToVector256UInt16(RoundedFloatBlock.Load(x + 16).AsUInt32() >>> 16);
        return low.ToVector512Unsafe().WithUpper(high).AsInt32();
    }
}
