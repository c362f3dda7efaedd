using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>128-bit vectors of any processor.</summary>
internal readonly unsafe struct Integer128 : IIntegerSimd<Vector128<byte>>
{
    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast(int* source) => Vector128.Create(*source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast(float* source) => Vector128.Create(*source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadFloats(float* source) => Vector128.Load(source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector128<byte> value) => value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadHalves(byte* source) => Simd128.LoadHalf((ushort*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadSBytes(byte* source) => Simd128.LoadSByte((sbyte*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Field(Vector128<byte> bytes, int bits, byte mask) =>
        (bits < 0 ? bytes.AsUInt16() << -bits : bytes.AsUInt16() >>> bits).AsByte() & Vector128.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Or(Vector128<byte> a, Vector128<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DotPairs(Vector128<byte> quants, Vector128<byte> x)
    {
        Vector128<short> even = (quants.AsInt16() & Vector128.Create((short)0xFF)) * ((x.AsInt16() << 8) >> 8);
        return (even + ((quants.AsUInt16() >>> 8).AsInt16() * (x.AsInt16() >> 8))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Add16(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SumPairs(Vector128<byte> value, short factor) =>
        ((((value.AsInt32() << 16) >> 16) + (value.AsInt32() >> 16)) * factor).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Add32(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftLeft32(Vector128<byte> a, int bits) => (a.AsInt32() << bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToFloat(Vector128<byte> integers) => Vector128.ConvertToSingle(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Multiply(Vector128<byte> a, Vector128<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Fma(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) => Simd128.Fma(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();
}
