namespace Inference.Tensors.Cpu.Quantized;

/// <summary>
/// Vectors of bytes, and of the integers and floats in the same bits, for products of quants. As
/// <see cref="Simd.ISimd{V}"/>: kernels are written once and compiled for each implementing struct.
/// </summary>
internal unsafe interface IIntegerSimd<V>
    where V : struct
{
    /// <summary>32-bit numbers in a vector.</summary>
    static abstract int Lanes { get; }

    static abstract V Load(byte* source);

    static abstract V Broadcast(int* source);

    static abstract V Broadcast(float* source);

    static abstract V LoadFloats(float* source);

    static abstract void Store(float* target, V value);

    /// <summary>Lanes binary16 numbers as floats.</summary>
    static abstract V LoadHalves(byte* source);

    /// <summary>Lanes signed bytes as floats.</summary>
    static abstract V LoadSBytes(byte* source);

    /// <summary>Each byte shifted to the right by <paramref name="bits"/> (to the left if negative), and with <paramref name="mask"/>.</summary>
    static abstract V Field(V bytes, int bits, byte mask);

    static abstract V Or(V a, V b);

    /// <summary>16-bit sums of the products of two neighbours: unsigned bytes times signed ones.</summary>
    static abstract V DotPairs(V quants, V x);

    static abstract V Add16(V a, V b);

    /// <summary>The sum of each two 16-bit neighbours, times <paramref name="factor"/>, in 32 bits.</summary>
    static abstract V SumPairs(V value, short factor);

    static abstract V Add32(V a, V b);

    static abstract V ShiftLeft32(V a, int bits);

    static abstract V ToFloat(V integers);

    static abstract V Multiply(V a, V b);

    /// <summary>a * b + c in floats, as <see cref="Simd.ISimd{V}.Fma"/>.</summary>
    static abstract V Fma(V a, V b, V c);
}
