using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>AVX-512 BW.</summary>
internal readonly unsafe struct Integer512 : IIntegerSimd<Vector512<byte>>
{
    public static int Lanes => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(int* source) => Vector512.Create(*source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(float* source) => Vector512.Create(*source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadFloats(float* source) => Vector512.Load(source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector512<byte> value) => value.AsSingle().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadHalves(byte* source) => Simd512.LoadHalf((ushort*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadSBytes(byte* source) => Simd512.LoadSByte((sbyte*)source).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Field(Vector512<byte> bytes, int bits, byte mask) =>
        (bits < 0 ? bytes.AsUInt16() << -bits : bytes.AsUInt16() >>> bits).AsByte() & Vector512.Create(mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Or(Vector512<byte> a, Vector512<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> DotPairs(Vector512<byte> quants, Vector512<byte> x) => Avx512BW.MultiplyAddAdjacent(quants, x.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Add16(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SumPairs(Vector512<byte> value, short factor) =>
        Avx512BW.MultiplyAddAdjacent(value.AsInt16(), Vector512.Create(factor)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Add32(Vector512<byte> a, Vector512<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ShiftLeft32(Vector512<byte> a, int bits) => (a.AsInt32() << bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ToFloat(Vector512<byte> integers) => Vector512.ConvertToSingle(integers.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Multiply(Vector512<byte> a, Vector512<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Fma(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c) => Simd512.Fma(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();
}
