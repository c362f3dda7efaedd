using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// Encodes x86-64 instructions: vector ones by <see cref="EvexOp"/>, and what loops need of the general ones. It knows
/// nothing of registers in use or of calling conventions. It serves instructions that C# has no intrinsic for, and tiles
/// whose registers the JIT would spill.
/// </summary>
internal sealed class Assembler
{
    private readonly List<byte> _code = [];

    /// <summary>The bytes so far.</summary>
    public ReadOnlySpan<byte> Code => CollectionsMarshal.AsSpan(_code);

    /// <summary>destination = op(a, b), or destination = op(destination, a, b).</summary>
    public void Vector(in EvexOp op, int destination, int a, Operand b) => Encode(op, destination, a, b);

    /// <summary>destination = op(source), or memory = op(register) for stores.</summary>
    public void Vector(in EvexOp op, int register, Operand operand) => Encode(op, register, 0, operand);

    /// <summary>destination = op(source, count) for shifts by a constant.</summary>
    public void Shift(in EvexOp op, int destination, Operand source, byte count)
    {
        Encode(op, op.Extension, destination, source);
        Append(count);
    }

    /// <summary>Sets a vector register to zero.</summary>
    public void Zero(int register) => Vector(Evex.Xor, register, register, register);

    /// <summary>Leaves the upper halves of registers 0 to 15 clean for code without AVX.</summary>
    public void ZeroUpper() => Append(0xC5, 0xF8, 0x77);

    /// <summary>Asks for a line of memory, for all caches; or for one use (prefetchnta).</summary>
    public void Prefetch(Operand memory, bool once = false)
    {
        Rex(w: false, 0, memory);
        Append(0x0F, 0x18);
        Address(once ? 0 : 1, memory, 1);
    }

    /// <summary>Asks for a line of memory, for the second-level cache (prefetcht1).</summary>
    public void PrefetchFar(Operand memory)
    {
        Rex(w: false, 0, memory);
        Append(0x0F, 0x18);
        Address(2, memory, 1);
    }

    /// <summary>register += value.</summary>
    public void Add(Gpr register, int value) => Arithmetic(0, register, value);

    /// <summary>register -= value.</summary>
    public void Subtract(Gpr register, int value) => Arithmetic(5, register, value);

    /// <summary>Sets the flags of register - value.</summary>
    public void Compare(Gpr register, int value) => Arithmetic(7, register, value);

    /// <summary>target += source.</summary>
    public void Add(Gpr target, Gpr source) => General(0x01, target, source);

    /// <summary>target = source.</summary>
    public void Move(Gpr target, Gpr source) => General(0x89, target, source);

    /// <summary>target = value, with the upper half zero.</summary>
    public void Set(Gpr target, int value)
    {
        if (target >= Gpr.R8)
        {
            Append(0x41);
        }

        Append((byte)(0xB8 | ((int)target & 7)));
        AppendInt32(value);
    }

    /// <summary>Sets the flags of register and register.</summary>
    public void Test(Gpr register) => General(0x85, register, register);

    /// <summary>target = the address of memory.</summary>
    public void LoadAddress(Gpr target, Operand memory)
    {
        Rex(w: true, (int)target, memory);
        Append(0x8D);
        Address((int)target & 7, memory, 1);
    }

    /// <summary>target = eight bytes of memory.</summary>
    public void Load(Gpr target, Operand memory)
    {
        Rex(w: true, (int)target, memory);
        Append(0x8B);
        Address((int)target & 7, memory, 1);
    }

    /// <summary>A place that is bound later.</summary>
    public static Label NewLabel() => new();

    /// <summary>Gives a label the present place.</summary>
    public void Bind(Label label)
    {
        label.Position = _code.Count;
        foreach (int after in label.Waiting)
        {
            BinaryPrimitives.WriteInt32LittleEndian(CollectionsMarshal.AsSpan(_code)[(after - 4)..after], label.Position - after);
        }

        label.Waiting.Clear();
    }

    /// <summary>Goes to the label where the condition holds.</summary>
    public void Jump(Condition condition, Label label)
    {
        int distance = label.Position - (_code.Count + 2);
        if (label.Position >= 0 && distance >= sbyte.MinValue)
        {
            Append((byte)(0x70 | (byte)condition), (byte)(sbyte)distance);
            return;
        }

        Append(0x0F, (byte)(0x80 | (byte)condition), 0, 0, 0, 0);
        if (label.Position >= 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(CollectionsMarshal.AsSpan(_code)[^4..], label.Position - _code.Count);
        }
        else
        {
            label.Waiting.Add(_code.Count);
        }
    }

    /// <summary>Back to the caller.</summary>
    public void Return() => Append(0xC3);

    /// <summary>Fills up to a multiple of <paramref name="boundary"/> bytes, a power of two of at most 64, by long no-operations.</summary>
    public void Align(int boundary)
    {
        for (int missing = -_code.Count & (boundary - 1); missing > 0;)
        {
            ReadOnlySpan<byte> longest = [0x66, 0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0];
            ReadOnlySpan<byte> filler = missing switch
            {
                1 => [0x90],
                2 => [0x66, 0x90],
                3 => [0x0F, 0x1F, 0x00],
                4 => [0x0F, 0x1F, 0x40, 0],
                5 => [0x0F, 0x1F, 0x44, 0, 0],
                6 => [0x66, 0x0F, 0x1F, 0x44, 0, 0],
                7 => [0x0F, 0x1F, 0x80, 0, 0, 0, 0],
                8 => [0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0],
                _ => longest,
            };
            _code.AddRange(filler);
            missing -= filler.Length;
        }
    }

    private void Encode(in EvexOp op, int reg, int vvvv, Operand rm)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)reg, 31u);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)vvvv, 31u);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rm.Register, 31);
        int low = rm.IsMemory ? (int)rm.Base : rm.Register;
        int high = rm.IsMemory ? (int)(rm.Index ?? 0) >> 3 : rm.Register >> 4;
        Append(
            0x62,
            (byte)((~reg & 8) << 4 | (~high & 1) << 6 | (~low & 8) << 2 | (~reg & 16) | op.Map),
            (byte)(op.W << 7 | (~vvvv & 15) << 3 | 4 | op.Prefix),
            (byte)(op.Length << 5 | (rm.IsBroadcast ? 16 : 0) | (~vvvv & 16) >> 1),
            op.Opcode);
        if (rm.IsMemory)
        {
            Address(reg & 7, rm, rm.IsBroadcast ? 4 << op.W : op.MemoryBytes);
        }
        else
        {
            Append((byte)(0xC0 | (reg & 7) << 3 | (rm.Register & 7)));
        }
    }

    /// <summary>The ModRM byte, the SIB byte and the displacement, which is one byte where it is a small multiple of <paramref name="unit"/>.</summary>
    private void Address(int reg, Operand memory, int unit)
    {
        int displacement = memory.Displacement;
        bool isByte = displacement % unit == 0 && displacement / unit is >= sbyte.MinValue and <= sbyte.MaxValue;
        int mode = displacement == 0 && ((int)memory.Base & 7) != 5 ? 0 : isByte ? 1 : 2;
        if (memory.Index is { } index)
        {
            if (index == Gpr.Rsp)
            {
                throw new ArgumentException("Rsp cannot be an index", nameof(memory));
            }

            int scale = int.Log2(memory.Scale);
            Append((byte)(mode << 6 | reg << 3 | 4), (byte)(scale << 6 | ((int)index & 7) << 3 | ((int)memory.Base & 7)));
        }
        else
        {
            Append((byte)(mode << 6 | reg << 3 | ((int)memory.Base & 7)));
            if (((int)memory.Base & 7) == 4)
            {
                Append(0x24);
            }
        }

        if (mode == 1)
        {
            Append((byte)(sbyte)(displacement / unit));
        }
        else if (mode == 2)
        {
            AppendInt32(displacement);
        }
    }

    private void Arithmetic(int operation, Gpr register, int value)
    {
        Append((byte)(0x48 | ((int)register >> 3)));
        if (value is >= sbyte.MinValue and <= sbyte.MaxValue)
        {
            Append(0x83, (byte)(0xC0 | operation << 3 | ((int)register & 7)), (byte)(sbyte)value);
        }
        else if (register == Gpr.Rax)
        {
            Append((byte)((operation << 3) | 5));
            AppendInt32(value);
        }
        else
        {
            Append(0x81, (byte)(0xC0 | operation << 3 | ((int)register & 7)));
            AppendInt32(value);
        }
    }

    private void General(byte opcode, Gpr target, Gpr source) => Append(
        (byte)(0x48 | ((int)source >> 3) << 2 | ((int)target >> 3)), opcode, (byte)(0xC0 | ((int)source & 7) << 3 | ((int)target & 7)));

    private void Rex(bool w, int reg, Operand memory)
    {
        int rex = (w ? 8 : 0) | (reg >> 3) << 2 | ((int)(memory.Index ?? 0) >> 3) << 1 | ((int)memory.Base >> 3);
        if (rex != 0)
        {
            Append((byte)(0x40 | rex));
        }
    }

    private void Append(params ReadOnlySpan<byte> bytes) => _code.AddRange(bytes);

    private void AppendInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes);
    }
}
