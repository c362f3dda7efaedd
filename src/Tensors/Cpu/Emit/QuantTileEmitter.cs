using Inference.Tensors.Cpu.Quantized;

namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// Emits the tiles of quantised panels: a panel times 1 to 6 rows of <see cref="ActivationQ8"/> by vpdpbusd, in the order of
/// <see cref="IntegerTile{F, S, V}"/>, whose bits they give. Two integer and two float registers a row.
/// </summary>
internal static class QuantTileEmitter<F>
    where F : struct, IQuantFormat
{
    private const int Weight = 24, Raw = 26, X = 28, Bits = 29, NibbleMask = 30, HighMask = 31;

    /// <summary>
    /// The tiles of 1 to 6 rows, at index rows - 1. Each is
    /// void (byte* panel, byte* x, float* y, nint bytesFromRowToRowOfY, nint blocksOf32OrOf256WithHeaders, byte* fetched, nint resume):
    /// it adds to y if resume is not 0. Meanwhile it fetches <see cref="FetchedLines"/> of memory for each block of 32
    /// into the second-level cache.
    /// </summary>
    /// <param name="share">How many tiles fetch as many bytes as the panel has. A tile alone fetches nothing: see docs/performance.md.</param>
    public static nint[] Tiles(int share) => EmittedCode.Publish(
        [.. Enumerable.Range(1, ActivationQ8.MaxRows).Select(rows => new Action<Assembler>(assembler => Tile(assembler, rows, share)))]);

    /// <summary>Lines of memory that a tile fetches for a block.</summary>
    public static int FetchedLines(int share) => share == 1 ? 0 : ((QuantLayout<F>.BlockBytes / 64) + share - 1) / share;

    private static void Tile(Assembler a, int rows, int share)
    {
        // Rdi: panel. Rsi: x. Rdx: y. Rcx: bytes of a row of y. R8: blocks left. R9: fetched. R11: header. R10: blocks left under it.
        for (int i = 0; i < 2 * rows; i++)
        {
            a.Zero(i);
        }

        Label start = Assembler.NewLabel();
        a.Load(Gpr.Rax, Operand.At(Gpr.Rsp, 8));
        a.Test(Gpr.Rax);
        a.Jump(Condition.Zero, start);
        a.Move(Gpr.Rax, Gpr.Rdx);
        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.LoadPs, Sum(r, 0), Operand.At(Gpr.Rax));
            a.Vector(Evex.LoadPs, Sum(r, 1), Operand.At(Gpr.Rax, 64));
            a.Add(Gpr.Rax, Gpr.Rcx);
        }

        a.Bind(start);
        Broadcast(a, NibbleMask, 0x0F0F0F0F);
        Broadcast(a, HighMask, F.Bits == 5 ? 0x10101010 : 0x30303030);
        Label outer = Assembler.NewLabel(), inner = Assembler.NewLabel();
        a.Bind(outer);
        if (QuantLayout<F>.HeaderBytes > 0)
        {
            a.Move(Gpr.R11, Gpr.Rdi);
            a.Add(Gpr.Rdi, QuantLayout<F>.HeaderBytes);
            a.Set(Gpr.R10, QuantLayout<F>.BlocksPerHeader);
        }

        a.Align(32);
        a.Bind(inner);
        for (int line = 0; line < FetchedLines(share); line++)
        {
            a.PrefetchFar(Operand.At(Gpr.R9, 64 * line));
        }

        Block(a, rows);
        a.Add(Gpr.R9, 64 * FetchedLines(share));
        a.Add(Gpr.Rdi, QuantLayout<F>.BlockBytes);
        a.Add(Gpr.Rsi, ActivationQ8.BlockBytes * rows);
        if (QuantLayout<F>.HeaderBytes > 0)
        {
            a.Subtract(Gpr.R10, 1);
            a.Jump(Condition.NotZero, inner);
        }

        a.Subtract(Gpr.R8, 1);
        a.Jump(Condition.NotZero, outer);
        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.StorePs, Sum(r, 0), Operand.At(Gpr.Rdx));
            a.Vector(Evex.StorePs, Sum(r, 1), Operand.At(Gpr.Rdx, 64));
            a.Add(Gpr.Rdx, Gpr.Rcx);
        }

        a.ZeroUpper();
        a.Return();
    }

    private static int Sum(int r, int half) => (2 * r) + half;

    private static int Integer(int rows, int r, int half) => (2 * rows) + (2 * r) + half;

    private static void Broadcast(Assembler a, int register, int value)
    {
        a.Set(Gpr.Rax, value);
        a.Vector(Evex.BroadcastGeneral, register, (int)Gpr.Rax);
    }

    private static void Block(Assembler a, int rows)
    {
        if (F.Scales == QuantScales.HalfBlockByte)
        {
            for (int part = 0; part < 2; part++)
            {
                Start(a, rows, ActivationQ8.FirstSums + part);
                for (int g = 4 * part; g < 4 * (part + 1); g++)
                {
                    LoadNibbles(a, g % 4);
                    Group(a, rows, g);
                }

                ByteScales(a, 32 * part, 0, signed: true);
                AddProducts(a, rows);
            }

            return;
        }

        Start(a, rows, ActivationQ8.Sums);
        for (int g = 0; g < 8; g++)
        {
            // Groups g and g + 4 share a vector.
            int group = F.Bits == 8 ? g : (g / 2) + (g % 2 * 4);
            if (F.Bits == 8)
            {
                a.Vector(Evex.LoadBytes512, Weight, Operand.At(Gpr.Rdi, QuantLayout<F>.ScaleBytes + (128 * g)));
                a.Vector(Evex.LoadBytes512, Weight + 1, Operand.At(Gpr.Rdi, QuantLayout<F>.ScaleBytes + (128 * g) + 64));
            }
            else if (group < 4)
            {
                LoadNibbles(a, group);
            }

            Group(a, rows, group);
        }

        if (F.Scales == QuantScales.ByteAndOffset)
        {
            ByteScales(a, 0, 0, signed: false);
        }
        else
        {
            HalfScales(a, 0);
        }

        AddProducts(a, rows);
        if (F.Scales == QuantScales.Half)
        {
            return;
        }

        if (F.Scales == QuantScales.ByteAndOffset)
        {
            ByteScales(a, 32, 64, signed: false);
        }
        else
        {
            HalfScales(a, 64);
        }

        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.BroadcastSs, X, Term(rows, r, ActivationQ8.ScaledSums));
            a.Vector(Evex.MultiplyAddPs, Sum(r, 0), Weight, X);
            a.Vector(Evex.MultiplyAddPs, Sum(r, 1), Weight + 1, X);
        }
    }

    /// <summary>Where the terms of x behind its quants are.</summary>
    private static Operand Term(int rows, int r, int term, bool broadcast = false) => broadcast
        ? Operand.Broadcast(Gpr.Rsi, ((32 + (4 * term)) * rows) + (4 * r))
        : Operand.At(Gpr.Rsi, ((32 + (4 * term)) * rows) + (4 * r));

    /// <summary>The integers begin with the negative sum of x's quants times the quant that means 0.</summary>
    private static void Start(Assembler a, int rows, int sums)
    {
        for (int r = 0; r < rows; r++)
        {
            if (F.ZeroShift == 0)
            {
                a.Zero(Integer(rows, r, 0));
                a.Zero(Integer(rows, r, 1));
                continue;
            }

            a.Shift(Evex.ShiftLeftDwords, Integer(rows, r, 0), Term(rows, r, sums, broadcast: true), (byte)F.ZeroShift);
            a.Vector(Evex.LoadBytes512, Integer(rows, r, 1), Integer(rows, r, 0));
        }
    }

    private static void LoadNibbles(Assembler a, int vector)
    {
        a.Vector(Evex.LoadBytes512, Raw, Operand.At(Gpr.Rdi, QuantLayout<F>.ScaleBytes + (128 * vector)));
        a.Vector(Evex.LoadBytes512, Raw + 1, Operand.At(Gpr.Rdi, QuantLayout<F>.ScaleBytes + (128 * vector) + 64));
    }

    /// <summary>Group g of the weights, times that of each row of x.</summary>
    private static void Group(Assembler a, int rows, int g)
    {
        for (int half = 0; F.Bits < 8 && half < 2; half++)
        {
            if (g >= 4)
            {
                a.Shift(Evex.ShiftRightWords, Raw + half, Raw + half, 4);
            }

            a.Vector(Evex.And, Weight + half, NibbleMask, Raw + half);
            if (F.Bits > 4)
            {
                HighBits(a, g, half);
                a.Vector(Evex.Or, Weight + half, Weight + half, Bits);
            }
        }

        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.BroadcastDword, X, Operand.At(Gpr.Rsi, 4 * ((g * rows) + r)));
            a.Vector(Evex.DotBytes, Integer(rows, r, 0), Weight, X);
            a.Vector(Evex.DotBytes, Integer(rows, r, 1), Weight + 1, X);
        }
    }

    /// <summary>The bits of group g above the low four, in their place.</summary>
    private static void HighBits(Assembler a, int g, int half)
    {
        int part = F.Bits == 5 ? 0 : g / 4, position = F.Bits == 5 ? g : 2 * (g % 4);
        Operand stored = Operand.At(Gpr.Rdi, QuantLayout<F>.ScaleBytes + QuantLayout<F>.LowBytes + (128 * part) + (64 * half));
        if (position == 4)
        {
            a.Vector(Evex.And, Bits, HighMask, stored);
            return;
        }

        a.Shift(position < 4 ? Evex.ShiftLeftWords : Evex.ShiftRightWords, Bits, stored, (byte)Math.Abs(4 - position));
        a.Vector(Evex.And, Bits, HighMask, Bits);
    }

    private static void HalfScales(Assembler a, int offset)
    {
        a.Vector(Evex.ConvertHalvesToPs, Weight, Operand.At(Gpr.Rdi, offset));
        a.Vector(Evex.ConvertHalvesToPs, Weight + 1, Operand.At(Gpr.Rdi, offset + 32));
    }

    private static void ByteScales(Assembler a, int offset, int unit, bool signed)
    {
        for (int half = 0; half < 2; half++)
        {
            a.Vector(signed ? Evex.WidenSignedBytesToDwords : Evex.WidenBytesToDwords, Bits, Operand.At(Gpr.Rdi, offset + (16 * half)));
            a.Vector(Evex.ConvertDwordsToPs, Bits, Bits);
            a.Vector(Evex.ConvertHalvesToPs, Weight + half, Operand.At(Gpr.R11, unit + (32 * half)));
            a.Vector(Evex.MultiplyPs, Weight + half, Weight + half, Bits);
        }
    }

    /// <summary>sums += (integers * weight's scale) * x's scale.</summary>
    private static void AddProducts(Assembler a, int rows)
    {
        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.BroadcastSs, X, Term(rows, r, ActivationQ8.Scales));
            for (int half = 0; half < 2; half++)
            {
                int integer = Integer(rows, r, half);
                a.Vector(Evex.ConvertDwordsToPs, integer, integer);
                a.Vector(Evex.MultiplyPs, integer, integer, Weight + half);
                a.Vector(Evex.MultiplyAddPs, Sum(r, half), integer, X);
            }
        }
    }
}
