namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// An instruction in EVEX encoding (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, section 2.7).
/// </summary>
/// <param name="Map">Opcode map: 1 is 0F, 2 is 0F38, 3 is 0F3A.</param>
/// <param name="Prefix">The implied prefix: 0 none, 1 is 66, 2 is F3, 3 is F2.</param>
/// <param name="Opcode">The opcode.</param>
/// <param name="MemoryBytes">Bytes that a memory operand has when it is not broadcast: displacements are counted in them.</param>
/// <param name="W">Element width or opcode extension.</param>
/// <param name="Extension">What the reg field holds where the destination stands in vvvv (shifts by a constant); else -1.</param>
/// <param name="Length">Vector length: 2 is 512 bits, 1 is 256, 0 is 128.</param>
internal readonly record struct EvexOp(
    byte Map, byte Prefix, byte Opcode, int MemoryBytes = 64, byte W = 0, sbyte Extension = -1, byte Length = 2);
