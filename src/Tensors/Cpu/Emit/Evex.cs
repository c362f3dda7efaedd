namespace Inference.Tensors.Cpu.Emit;

/// <summary>The vector instructions that kernels emit, on 512-bit registers unless the name says otherwise.</summary>
internal static class Evex
{
    // ---- moves ----
    public static readonly EvexOp LoadPs = new(1, 0, 0x10);
    public static readonly EvexOp StorePs = new(1, 0, 0x11);
    public static readonly EvexOp LoadBytes256 = new(1, 2, 0x6F, 32, Length: 1);
    public static readonly EvexOp LoadBytes512 = new(1, 2, 0x6F);
    public static readonly EvexOp BroadcastSs = new(2, 1, 0x18, 4);
    public static readonly EvexOp BroadcastDword = new(2, 1, 0x58, 4);
    public static readonly EvexOp BroadcastGeneral = new(2, 1, 0x7C, 4); // the source is a general register

    // ---- floats ----
    public static readonly EvexOp AddPs = new(1, 0, 0x58);
    public static readonly EvexOp MultiplyPs = new(1, 0, 0x59);
    public static readonly EvexOp SubtractPs = new(1, 0, 0x5C);
    public static readonly EvexOp MultiplyAddPs = new(2, 1, 0xB8); // vfmadd231ps: destination += a * b
    public static readonly EvexOp NegatedMultiplyAddPs = new(2, 1, 0xBC); // vfnmadd231ps: destination -= a * b
    public static readonly EvexOp ConvertDwordsToPs = new(1, 0, 0x5B);
    public static readonly EvexOp ConvertHalvesToPs = new(2, 1, 0x13, 32);
    public static readonly EvexOp RoundToBFloat16 = new(2, 3, 0x72); // vcvtne2ps2bf16: the last operand below, the other above

    // ---- dot products ----
    public static readonly EvexOp DotBFloat16 = new(2, 2, 0x52); // vdpbf16ps
    public static readonly EvexOp DotBytes = new(2, 1, 0x50); // vpdpbusd: unsigned bytes times signed bytes
    public static readonly EvexOp DotWords = new(2, 1, 0x52); // vpdpwssd
    public static readonly EvexOp MultiplyAddBytes = new(2, 1, 0x04); // vpmaddubsw
    public static readonly EvexOp MultiplyAddWords = new(1, 1, 0xF5); // vpmaddwd

    // ---- integers ----
    public static readonly EvexOp AddDwords = new(1, 1, 0xFE);
    public static readonly EvexOp SubtractDwords = new(1, 1, 0xFA);
    public static readonly EvexOp AddWords = new(1, 1, 0xFD);
    public static readonly EvexOp MultiplyLowDwords = new(2, 1, 0x40);
    public static readonly EvexOp And = new(1, 1, 0xDB);
    public static readonly EvexOp Or = new(1, 1, 0xEB);
    public static readonly EvexOp Xor = new(1, 1, 0xEF);
    public static readonly EvexOp ShuffleBytes = new(2, 1, 0x00);
    public static readonly EvexOp WidenBytesToDwords = new(2, 1, 0x31, 16); // vpmovzxbd
    public static readonly EvexOp WidenSignedBytesToDwords = new(2, 1, 0x21, 16); // vpmovsxbd
    public static readonly EvexOp ShiftRightWords = new(1, 1, 0x71, Extension: 2);
    public static readonly EvexOp ShiftLeftWords = new(1, 1, 0x71, Extension: 6);
    public static readonly EvexOp ShiftRightDwords = new(1, 1, 0x72, Extension: 2);
    public static readonly EvexOp ShiftLeftDwords = new(1, 1, 0x72, Extension: 6);
}
