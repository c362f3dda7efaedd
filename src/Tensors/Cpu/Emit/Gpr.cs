namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// The 64-bit general registers, in their encoding. The System V calling convention gives integer arguments in Rdi, Rsi,
/// Rdx, Rcx, R8 and R9; those, Rax, R10, R11 and all vector registers may be overwritten, the others must be restored.
/// </summary>
internal enum Gpr : byte
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}
