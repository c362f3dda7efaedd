using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu.Simd;

/// <summary>
/// Vectors of floats <typeparamref name="V"/> of one instruction set. Kernels are written once against this interface
/// and compiled by the JIT for each implementing struct; every member is one instruction or a few.
/// </summary>
internal unsafe interface ISimd<V>
    where V : struct
{
    /// <summary>Floats in a vector: 4, 8 or 16.</summary>
    static abstract int Count { get; }

    /// <summary>Vector registers of the machine, which decides how large a tile may be: 16 or 32.</summary>
    static abstract int Registers { get; }

    static abstract V Zero { get; }

    static abstract V Broadcast(float value);

    /// <summary>Lane <paramref name="lane"/>, a constant, in all lanes.</summary>
    static abstract V BroadcastLane(Vector128<float> value, int lane);

    static abstract V Load(float* source);

    static abstract void Store(float* target, V value);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    static abstract V Divide(V a, V b);

    /// <summary>a * b + c, rounded once where the machine can.</summary>
    static abstract V Fma(V a, V b, V c);

    static abstract V Min(V a, V b);

    static abstract V Max(V a, V b);

    static abstract V Sqrt(V a);

    /// <summary>Rounds to the nearest integer.</summary>
    static abstract V Round(V a);

    /// <summary>2 to the power of the integral <paramref name="n"/>, -126 to 127.</summary>
    static abstract V PowerOfTwo(V n);

    /// <summary>The sums of the lanes of four vectors, each added in the same order.</summary>
    static abstract Vector128<float> Sum4(V a, V b, V c, V d);

    /// <summary>Count halves of IEEE binary16, widened. Infinities and NaN come out as finite numbers above 65,504.</summary>
    static abstract V LoadHalf(ushort* source);

    /// <summary>Count halves of IEEE binary16, 2^112 times too small: their bits at a float's places. Infinities and NaN come out finite.</summary>
    static abstract V LoadHalfBits(short* source);

    /// <summary>Count upper halves of binary32, widened.</summary>
    static abstract V LoadBFloat16(ushort* source);

    /// <summary>The first of each pair of BF16.</summary>
    static abstract V LoadBFloat16Even(uint* source);

    /// <summary>The second of each pair of BF16.</summary>
    static abstract V LoadBFloat16Odd(uint* source);

    /// <summary>Count signed bytes, as floats.</summary>
    static abstract V LoadSByte(sbyte* source);

    /// <summary>Count nibbles, the low (<paramref name="shift"/> 0) or high ones (4), less 8, as floats.</summary>
    static abstract V LoadNibble(byte* source, int shift);
}
