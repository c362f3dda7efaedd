using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Tests.Emit;

public class AssemblerTests
{
    /// <summary>Instructions with the bytes that the GNU assembler 2.40 makes of them.</summary>
    private static readonly (string Text, string Bytes, Action<Assembler> Emit)[] Instructions =
    [
        ("vdpbf16ps zmm0, zmm28, dword ptr [rsi]{1to16}", "62F21E505206", a => a.Vector(Evex.DotBFloat16, 0, 28, Operand.Broadcast(Gpr.Rsi))),
        ("vdpbf16ps zmm27, zmm29, dword ptr [rsi+52]{1to16}", "62621650525E0D", a => a.Vector(Evex.DotBFloat16, 27, 29, Operand.Broadcast(Gpr.Rsi, 52))),
        ("vdpbf16ps zmm5, zmm31, dword ptr [r13]{1to16}", "62D20650526D00", a => a.Vector(Evex.DotBFloat16, 5, 31, Operand.Broadcast(Gpr.R13))),
        ("vdpbf16ps zmm17, zmm9, dword ptr [rsi+1000]{1to16}", "62E23658528EE8030000", a => a.Vector(Evex.DotBFloat16, 17, 9, Operand.Broadcast(Gpr.Rsi, 1000))),
        ("vpdpbusd zmm3, zmm30, dword ptr [r8+rcx*4+64]{1to16}", "62D20D50505C8810", a => a.Vector(Evex.DotBytes, 3, 30, Operand.Broadcast(Gpr.R8, Gpr.Rcx, 4, 64))),
        ("vpdpbusd zmm20, zmm21, zmm22", "62A2554050E6", a => a.Vector(Evex.DotBytes, 20, 21, 22)),
        ("vpdpbusd zmm1, zmm2, [r12]", "62D26D48500C24", a => a.Vector(Evex.DotBytes, 1, 2, Operand.At(Gpr.R12))),
        ("vpdpwssd zmm1, zmm2, zmm19", "62B26D4852CB", a => a.Vector(Evex.DotWords, 1, 2, 19)),
        ("vmovups zmm28, [rdi]", "62617C481027", a => a.Vector(Evex.LoadPs, 28, Operand.At(Gpr.Rdi))),
        ("vmovups zmm29, [rdi+64]", "62617C48106F01", a => a.Vector(Evex.LoadPs, 29, Operand.At(Gpr.Rdi, 64))),
        ("vmovups zmm9, [rdi+65]", "62717C48108F41000000", a => a.Vector(Evex.LoadPs, 9, Operand.At(Gpr.Rdi, 65))),
        ("vmovups [rdx+rcx], zmm31", "62617C48113C0A", a => a.Vector(Evex.StorePs, 31, Operand.At(Gpr.Rdx, Gpr.Rcx, 1))),
        ("vmovups [rsp+128], zmm1", "62F17C48114C2402", a => a.Vector(Evex.StorePs, 1, Operand.At(Gpr.Rsp, 128))),
        ("vmovdqu32 ymm7, [rax+32]", "62F17E286F7801", a => a.Vector(Evex.LoadBytes256, 7, Operand.At(Gpr.Rax, 32))),
        ("vbroadcastss zmm1, dword ptr [rsi+4]", "62F27D48184E01", a => a.Vector(Evex.BroadcastSs, 1, Operand.At(Gpr.Rsi, 4))),
        ("vpbroadcastd zmm30, dword ptr [r15+r14*2-8]", "62027D48587477FE", a => a.Vector(Evex.BroadcastDword, 30, Operand.At(Gpr.R15, Gpr.R14, 2, -8))),
        ("vbroadcastss zmm1, xmm17", "62B27D4818C9", a => a.Vector(Evex.BroadcastSs, 1, 17)),
        ("vaddps zmm1, zmm2, zmm3", "62F16C4858CB", a => a.Vector(Evex.AddPs, 1, 2, 3)),
        ("vmulps zmm15, zmm16, dword ptr [rdi]{1to16}", "62717C50593F", a => a.Vector(Evex.MultiplyPs, 15, 16, Operand.Broadcast(Gpr.Rdi))),
        ("vsubps zmm8, zmm7, [rdi-64]", "627144485C47FF", a => a.Vector(Evex.SubtractPs, 8, 7, Operand.At(Gpr.Rdi, -64))),
        ("vfmadd231ps zmm0, zmm1, [rdi+8192]", "62F27548B88700200000", a => a.Vector(Evex.MultiplyAddPs, 0, 1, Operand.At(Gpr.Rdi, 8192))),
        ("vfnmadd231ps zmm12, zmm18, zmm25", "62126D40BCE1", a => a.Vector(Evex.NegatedMultiplyAddPs, 12, 18, 25)),
        ("vcvtdq2ps zmm4, zmm20", "62B17C485BE4", a => a.Vector(Evex.ConvertDwordsToPs, 4, 20)),
        ("vcvtph2ps zmm4, [rdi+32]", "62F27D48136701", a => a.Vector(Evex.ConvertHalvesToPs, 4, Operand.At(Gpr.Rdi, 32))),
        ("vcvtph2ps zmm24, ymm9", "62427D4813C1", a => a.Vector(Evex.ConvertHalvesToPs, 24, 9)),
        ("vpmaddubsw zmm1, zmm2, zmm3", "62F26D4804CB", a => a.Vector(Evex.MultiplyAddBytes, 1, 2, 3)),
        ("vpmaddwd zmm1, zmm2, zmm3", "62F16D48F5CB", a => a.Vector(Evex.MultiplyAddWords, 1, 2, 3)),
        ("vpaddd zmm1, zmm2, zmm3", "62F16D48FECB", a => a.Vector(Evex.AddDwords, 1, 2, 3)),
        ("vpsubd zmm1, zmm2, zmm3", "62F16D48FACB", a => a.Vector(Evex.SubtractDwords, 1, 2, 3)),
        ("vpaddw zmm1, zmm2, zmm3", "62F16D48FDCB", a => a.Vector(Evex.AddWords, 1, 2, 3)),
        ("vpmulld zmm1, zmm2, zmm3", "62F26D4840CB", a => a.Vector(Evex.MultiplyLowDwords, 1, 2, 3)),
        ("vpandd zmm1, zmm2, dword ptr [rbp]{1to16}", "62F16D58DB4D00", a => a.Vector(Evex.And, 1, 2, Operand.Broadcast(Gpr.Rbp))),
        ("vpord zmm1, zmm2, zmm3", "62F16D48EBCB", a => a.Vector(Evex.Or, 1, 2, 3)),
        ("vpxord zmm31, zmm31, zmm31", "62010540EFFF", a => a.Vector(Evex.Xor, 31, 31, 31)),
        ("vpshufb zmm1, zmm2, zmm3", "62F26D4800CB", a => a.Vector(Evex.ShuffleBytes, 1, 2, 3)),
        ("vpbroadcastd zmm30, eax", "62627D487CF0", a => a.Vector(Evex.BroadcastGeneral, 30, (int)Gpr.Rax)),
        ("vpsllw zmm29, [rdi+576], 3", "62F1154071770903", a => a.Shift(Evex.ShiftLeftWords, 29, Operand.At(Gpr.Rdi, 576), 3)),
        ("vpslld zmm12, dword ptr [rsi+240]{1to16}, 7", "62F11D5872763C07", a => a.Shift(Evex.ShiftLeftDwords, 12, Operand.Broadcast(Gpr.Rsi, 240), 7)),
        ("mov r10d, 8", "41BA08000000", a => a.Set(Gpr.R10, 8)),
        ("mov eax, 252645135", "B80F0F0F0F", a => a.Set(Gpr.Rax, 0x0F0F0F0F)),
        ("vpmovzxbd zmm1, [rdi+16]", "62F27D48314F01", a => a.Vector(Evex.WidenBytesToDwords, 1, Operand.At(Gpr.Rdi, 16))),
        ("vpmovsxbd zmm1, xmm2", "62F27D4821CA", a => a.Vector(Evex.WidenSignedBytesToDwords, 1, 2)),
        ("vpsrlw zmm1, zmm2, 4", "62F1754871D204", a => a.Shift(Evex.ShiftRightWords, 1, 2, 4)),
        ("vpsrld zmm17, zmm2, 4", "62F1754072D204", a => a.Shift(Evex.ShiftRightDwords, 17, 2, 4)),
        ("vpslld zmm30, zmm22, 16", "62B10D4072F610", a => a.Shift(Evex.ShiftLeftDwords, 30, 22, 16)),
        ("vpslld zmm30, [rdi+64], 16", "62F10D4072770110", a => a.Shift(Evex.ShiftLeftDwords, 30, Operand.At(Gpr.Rdi, 64), 16)),
        ("prefetcht0 [rdi+4096]", "0F188F00100000", a => a.Prefetch(Operand.At(Gpr.Rdi, 4096))),
        ("prefetcht1 [r9+64]", "410F185140", a => a.PrefetchFar(Operand.At(Gpr.R9, 64))),
        ("prefetcht0 [r9+64]", "410F184940", a => a.Prefetch(Operand.At(Gpr.R9, 64))),
        ("prefetchnta [r9+64]", "410F184140", a => a.Prefetch(Operand.At(Gpr.R9, 64), once: true)),
        ("add rdi, 128", "4881C780000000", a => a.Add(Gpr.Rdi, 128)),
        ("add rdi, 56", "4883C738", a => a.Add(Gpr.Rdi, 56)),
        ("add rax, 4096", "480500100000", a => a.Add(Gpr.Rax, 4096)),
        ("sub r8, 1", "4983E801", a => a.Subtract(Gpr.R8, 1)),
        ("cmp r11, -1", "4983FBFF", a => a.Compare(Gpr.R11, -1)),
        ("cmp r11, 1000", "4981FBE8030000", a => a.Compare(Gpr.R11, 1000)),
        ("add rdx, rcx", "4801CA", a => a.Add(Gpr.Rdx, Gpr.Rcx)),
        ("add r9, r10", "4D01D1", a => a.Add(Gpr.R9, Gpr.R10)),
        ("mov rax, r12", "4C89E0", a => a.Move(Gpr.Rax, Gpr.R12)),
        ("test r8, r8", "4D85C0", a => a.Test(Gpr.R8)),
        ("lea r10, [rcx+rcx*2]", "4C8D1449", a => a.LoadAddress(Gpr.R10, Operand.At(Gpr.Rcx, Gpr.Rcx, 2))),
        ("lea rax, [rdi+r9*8+200]", "4A8D84CFC8000000", a => a.LoadAddress(Gpr.Rax, Operand.At(Gpr.Rdi, Gpr.R9, 8, 200))),
        ("mov r11, [rsp+8]", "4C8B5C2408", a => a.Load(Gpr.R11, Operand.At(Gpr.Rsp, 8))),
        ("vzeroupper", "C5F877", a => a.ZeroUpper()),
        ("ret", "C3", a => a.Return()),
    ];

    [Fact]
    public void Instructions_have_the_bytes_of_the_GNU_assembler()
    {
        foreach ((string text, string bytes, Action<Assembler> emit) in Instructions)
        {
            Assembler assembler = new();
            emit(assembler);

            Assert.Equal($"{text}: {bytes}", $"{text}: {Convert.ToHexString(assembler.Code)}");
        }
    }

    [Fact]
    public void Jumps_back_are_short_where_they_reach_and_jumps_forward_find_their_label()
    {
        Assembler assembler = new();
        Label back = Assembler.NewLabel(), forward = Assembler.NewLabel();
        assembler.Bind(back);
        assembler.Jump(Condition.Zero, forward);
        assembler.Jump(Condition.NotZero, back);
        for (int i = 0; i < 30; i++)
        {
            assembler.Load(Gpr.Rax, Operand.At(Gpr.Rax, 8));
        }

        assembler.Jump(Condition.GreaterOrEqual, back);
        assembler.Bind(forward);
        assembler.Return();

        string code = Convert.ToHexString(assembler.Code);
        Assert.StartsWith("0F8480000000" + "75F8" + "488B4008", code);
        Assert.EndsWith("488B4008" + "0F8D7AFFFFFF" + "C3", code);
    }

    [Fact]
    public void Alignment_fills_with_instructions_that_do_nothing()
    {
        for (int before = 0; before < 64; before++)
        {
            Assembler assembler = new();
            for (int i = 0; i < before; i++)
            {
                assembler.Return();
            }

            assembler.Align(64);

            Assert.Equal((before + 63) / 64 * 64, assembler.Code.Length);
        }
    }

    [Fact]
    public void Operands_that_have_no_encoding_are_refused()
    {
        Assembler assembler = new();
        Assert.Throws<ArgumentException>(() => assembler.LoadAddress(Gpr.Rax, Operand.At(Gpr.Rax, Gpr.Rsp, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => assembler.Shift(Evex.AddPs, 1, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => assembler.Vector(Evex.AddPs, 32, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => assembler.Vector(Evex.AddPs, 1, 2, 32));
    }
}
