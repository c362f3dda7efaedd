using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Tests.Emit;

/// <summary>Emitted instructions, executed, beside what the intrinsics or plain C# compute.</summary>
public unsafe class EmittedCodeTests
{
    [EmittedFact]
    public void Float_instructions_give_the_bits_of_the_intrinsics()
    {
        Vector512<float> a = Floats(1), b = Floats(2), c = Floats(3);

        Same(Avx512F.Add(a, b), Three(Evex.AddPs, c, a, b));
        Same(Avx512F.Subtract(a, b), Three(Evex.SubtractPs, c, a, b));
        Same(Avx512F.Multiply(a, b), Three(Evex.MultiplyPs, c, a, b));
        Same(Avx512F.FusedMultiplyAdd(a, b, c), Three(Evex.MultiplyAddPs, c, a, b));
        Same(Avx512F.FusedMultiplyAddNegated(a, b, c), Three(Evex.NegatedMultiplyAddPs, c, a, b));
    }

    [EmittedFact]
    public void Integer_instructions_give_the_bits_of_the_intrinsics()
    {
        Vector512<int> a = Floats(1).AsInt32(), b = Floats(2).AsInt32();

        Same(a + b, Three(Evex.AddDwords, a, a, b));
        Same(a - b, Three(Evex.SubtractDwords, a, a, b));
        Same(a * b, Three(Evex.MultiplyLowDwords, a, a, b));
        Same(a & b, Three(Evex.And, a, a, b));
        Same(a | b, Three(Evex.Or, a, a, b));
        Same(a ^ b, Three(Evex.Xor, a, a, b));
        Same(a.AsInt16() + b.AsInt16(), Three(Evex.AddWords, a, a, b));
        Same(Avx512BW.Shuffle(a.AsByte(), b.AsByte()), Three(Evex.ShuffleBytes, a, a, b));
        Same(Avx512BW.MultiplyAddAdjacent(a.AsByte(), b.AsSByte()), Three(Evex.MultiplyAddBytes, a, a, b));
        Same(Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()), Three(Evex.MultiplyAddWords, a, a, b));
        Same(a >>> 5, Shifted(Evex.ShiftRightDwords, a, 5));
        Same(a << 16, Shifted(Evex.ShiftLeftDwords, a, 16));
        Same(a.AsInt16() >>> 4, Shifted(Evex.ShiftRightWords, a, 4));
    }

    [EmittedFact]
    public void Conversions_give_the_bits_of_the_intrinsics()
    {
        Vector512<int> a = Floats(1).AsInt32();

        Same(Avx512F.ConvertToVector512Single(a), Two(Evex.ConvertDwordsToPs, a));
        Same(Avx512F.ConvertToVector512Int32(a.AsByte().GetLower().GetLower()), Two(Evex.WidenBytesToDwords, a));
        Same(Avx512F.ConvertToVector512Int32(a.AsSByte().GetLower().GetLower()), Two(Evex.WidenSignedBytesToDwords, a));
        Same(Vector512.Create(a[0]), Two(Evex.BroadcastSs, a));
        Same(Vector512.Create(a[0]), Two(Evex.BroadcastDword, a));
        Half[] halves = [(Half)1.5f, Half.Epsilon, Half.MaxValue, Half.NegativeInfinity, (Half)(-0f), (Half)6e-5f, .. Enumerable.Range(0, 26).Select(i => (Half)(i / 3f))];
        fixed (Half* source = halves)
        {
            Vector512<float> converted = Two(Evex.ConvertHalvesToPs, Vector512.Load((int*)source)).AsSingle();
            for (int i = 0; i < 16; i++)
            {
                Assert.Equal((float)halves[i], converted[i]);
            }
        }
    }

    [EmittedFact]
    public void Dot_products_of_bytes_and_words_are_exact_where_the_processor_has_them()
    {
        if (!EmittedCode.HasVnni)
        {
            return;
        }

        Vector512<int> c = Floats(1).AsInt32() >> 8, a = Floats(2).AsInt32(), b = Floats(3).AsInt32();
        Vector512<int> bytes = Three(Evex.DotBytes, c, a, b), words = Three(Evex.DotWords, c, a, b);
        for (int i = 0; i < 16; i++)
        {
            int byBytes = c[i] + Enumerable.Range(4 * i, 4).Sum(j => a.AsByte()[j] * b.AsSByte()[j]);
            Assert.Equal(byBytes, bytes[i]);
            Assert.Equal(c[i] + (a.AsInt16()[2 * i] * b.AsInt16()[2 * i]) + (a.AsInt16()[(2 * i) + 1] * b.AsInt16()[(2 * i) + 1]), words[i]);
        }
    }

    [EmittedFact]
    public void Dot_products_of_BF16_pairs_err_by_no_more_than_single_precision_does()
    {
        if (!EmittedCode.HasBFloat16)
        {
            return;
        }

        Vector512<float> c = Floats(1);
        Vector512<int> a = Floats(2).AsInt32(), b = Floats(3).AsInt32();
        Vector512<float> sums = Three(Evex.DotBFloat16, c.AsInt32(), a, b).AsSingle();
        for (int i = 0; i < 16; i++)
        {
            double low = (double)Widen(a[i] << 16) * Widen(b[i] << 16), high = (double)Widen(a[i]) * Widen(b[i]);
            double largest = Math.Max(Math.Abs(c[i]), Math.Max(Math.Abs(low), Math.Abs(high)));
            Assert.Equal(c[i] + low + high, sums[i], 4e-7 * largest);
        }
    }

    private static float Widen(int bits) => BitConverter.Int32BitsToSingle(bits & unchecked((int)0xFFFF0000));

    /// <summary>Sixteen numbers of both signs between 0.5 and 2, whose halves are such numbers in BF16 too.</summary>
    private static Vector512<float> Floats(int seed)
    {
        Random random = new(seed);
        int[] bits = [.. Enumerable.Range(0, 16).Select(_ => Number() << 16 | Number())];
        return Vector512.Create(bits).AsSingle();

        int Number() => random.Next(0x3F00, 0x4000) | (random.Next(2) << 15);
    }

    private static Vector512<int> Three<T>(EvexOp op, Vector512<T> destination, Vector512<T> a, Vector512<T> b) =>
        Run(assembler => assembler.Vector(op, 17, 9, 26), destination.AsInt32(), a.AsInt32(), b.AsInt32());

    private static Vector512<int> Two(EvexOp op, Vector512<int> a) => Run(assembler => assembler.Vector(op, 17, 9), a, a, a);

    private static Vector512<int> Shifted(EvexOp op, Vector512<int> a, byte count) =>
        Run(assembler => assembler.Shift(op, 17, 9, count), a, a, a);

    /// <summary>Runs one instruction on registers 17 (which it gives back), 9 and 26.</summary>
    private static Vector512<int> Run(Action<Assembler> instruction, Vector512<int> destination, Vector512<int> a, Vector512<int> b)
    {
        nint code = EmittedCode.Publish(assembler =>
        {
            assembler.Vector(Evex.LoadBytes512, 17, Operand.At(Gpr.Rdi));
            assembler.Vector(Evex.LoadBytes512, 9, Operand.At(Gpr.Rdi, 64));
            assembler.Vector(Evex.LoadPs, 26, Operand.At(Gpr.Rdi, 128));
            instruction(assembler);
            assembler.Vector(Evex.StorePs, 17, Operand.At(Gpr.Rdi));
            assembler.ZeroUpper();
            assembler.Return();
        })[0];
        Vector512<int>* registers = stackalloc Vector512<int>[3];
        (registers[0], registers[1], registers[2]) = (destination, a, b);
        ((delegate* unmanaged[SuppressGCTransition]<void*, void>)code)(registers);
        return registers[0];
    }

    private static void Same<T>(Vector512<T> expected, Vector512<int> actual) => Assert.Equal(expected.AsInt32(), actual);
}
