namespace Inference.Tensors.Cpu.Emit;

/// <summary>The last operand of an instruction: a vector register (an int converts to it), or memory.</summary>
internal readonly record struct Operand
{
    private Operand(int register, Gpr @base, int displacement, Gpr? index, int scale, bool isBroadcast)
    {
        Register = register;
        Base = @base;
        Displacement = displacement;
        Index = index;
        Scale = scale;
        IsBroadcast = isBroadcast;
    }

    /// <summary>Number of the vector register, or -1 for memory.</summary>
    public int Register { get; }

    /// <summary>Register of the address.</summary>
    public Gpr Base { get; }

    /// <summary>Bytes added to the address.</summary>
    public int Displacement { get; }

    /// <summary>Register added to the address, times <see cref="Scale"/>; not Rsp.</summary>
    public Gpr? Index { get; }

    /// <summary>1, 2, 4 or 8.</summary>
    public int Scale { get; }

    /// <summary>Four bytes of memory (eight with W) in every lane.</summary>
    public bool IsBroadcast { get; }

    /// <summary>The operand is memory.</summary>
    public bool IsMemory => Register < 0;

    /// <summary>A vector register, 0 to 31.</summary>
    public static implicit operator Operand(int register) => new(register, default, 0, null, 1, false);

    /// <summary>Memory at base + displacement.</summary>
    public static Operand At(Gpr @base, int displacement = 0) => new(-1, @base, displacement, null, 1, false);

    /// <summary>Memory at base + index * scale + displacement.</summary>
    public static Operand At(Gpr @base, Gpr index, int scale, int displacement = 0) => new(-1, @base, displacement, index, scale, false);

    /// <summary>One element of memory in every lane.</summary>
    public static Operand Broadcast(Gpr @base, int displacement = 0) => new(-1, @base, displacement, null, 1, true);

    /// <summary>One element of memory in every lane.</summary>
    public static Operand Broadcast(Gpr @base, Gpr index, int scale, int displacement = 0) => new(-1, @base, displacement, index, scale, true);
}
