using Inference.Tensors.Cpu.Quantized;

namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// Emits the kernels of low-rank changes in 8 bits (<see cref="LowRankQuants"/>), on vpdpbusd. They fetch what they read next, and in the end the
/// beginning of what comes after it. What one row reads alone, of an adapter that is too large to stay in the caches, is fetched past them
/// (prefetchnta).
/// </summary>
internal static class LowRankByteEmitter
{
    /// <summary>Rows of the largest tile of x Aᵀ.</summary>
    public const int MaxRows = ActivationQ8.MaxRows;

    /// <summary>Where the terms of x Aᵀ behind its quants are (<see cref="LowRankQuants.NarrowBytes"/>).</summary>
    public const int NarrowScale = 16, NarrowOffset = 20;

    /// <summary>How far ahead of its use memory is fetched.</summary>
    private const int PrefetchBytes = 4096;

    private const int Line = 64, ZeroShift = 7;

    /// <summary>Emits all.</summary>
    public static LowRankByteKernels Kernels()
    {
        const int quads = LowRankQuants.TileRanks / LowRankQuants.Quad;
        Action<Assembler>[] functions =
        [
            .. Enumerable.Range(1, MaxRows).Select(rows => new Action<Assembler>(a => Down(a, rows, once: false))),
            .. Enumerable.Range(1, quads).Select(count => new Action<Assembler>(a => Up(a, count, once: false))),
            .. Enumerable.Range(1, quads).Select(count => new Action<Assembler>(a => Up(a, count, once: true))),
            a => Down(a, 1, once: true),
        ];
        nint[] addresses = EmittedCode.Publish(functions);
        return new LowRankByteKernels(addresses[..MaxRows], addresses[^1], addresses[MaxRows..(MaxRows + quads)], addresses[(MaxRows + quads)..^1]);
    }

    /// <summary>
    /// void (byte* a, byte* x, float* sums, nint blocks, byte* next): sums[rows][16 ranks] of x's rows (<see cref="ActivationQ8"/>), still to be
    /// multiplied by the factors.
    /// </summary>
    private static void Down(Assembler a, int rows, bool once)
    {
        // Rdi: a. Rsi: x. Rdx: sums. Rcx: blocks left. R8: next. R9: fetched. R10: blocks until it is what is next.
        const int Weight = 31, Groups = LowRankQuants.BlockInputs / LowRankQuants.Quad;
        for (int r = 0; r < rows; r++)
        {
            a.Zero(r);
        }

        FetchFrom(a, PrefetchBytes / LowRankQuants.BlockBytes);
        Label loop = Assembler.NewLabel();
        a.Align(64);
        a.Bind(loop);
        for (int r = 0; r < rows; r++)
        {
            a.Shift(Evex.ShiftLeftDwords, rows + r, Operand.Broadcast(Gpr.Rsi, Term(ActivationQ8.Sums, rows, r)), ZeroShift);
        }

        for (int group = 0; group < Groups; group++)
        {
            a.Prefetch(Operand.At(Gpr.R9, Line * group), once);
            a.Vector(Evex.LoadBytes512, Weight, Operand.At(Gpr.Rdi, Line * group));
            for (int r = 0; r < rows; r++)
            {
                a.Vector(Evex.DotBytes, rows + r, Weight, Operand.Broadcast(Gpr.Rsi, 4 * ((group * rows) + r)));
            }
        }

        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.ConvertDwordsToPs, rows + r, rows + r);
            a.Vector(Evex.MultiplyAddPs, r, rows + r, Operand.Broadcast(Gpr.Rsi, Term(ActivationQ8.Scales, rows, r)));
        }

        a.Add(Gpr.Rdi, LowRankQuants.BlockBytes);
        a.Add(Gpr.Rsi, ActivationQ8.BlockBytes * rows);
        FetchOn(a, LowRankQuants.BlockBytes);
        a.Subtract(Gpr.Rcx, 1);
        a.Jump(Condition.NotZero, loop);
        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.StorePs, r, Operand.At(Gpr.Rdx, Line * r));
        }

        a.ZeroUpper();
        a.Return();
    }

    /// <summary>void (byte* b, float* y, byte* narrow, nint panels, byte* next, float* scales): y[64 a panel] += narrow Bᵀ for a tile of so many quads of ranks.</summary>
    private static void Up(Assembler a, int quads, bool once)
    {
        // Rdi: b. Rsi: y. Rdx: narrow, then scales. Rcx: panels left. R8: next. R9: scales, then fetched. R10: panels until it is what is next.
        const int Parts = 4, Weight = 8, Product = 12, Narrow = 16, Offset = 20, Scale = 21, Scales = 22;
        for (int quad = 0; quad < quads; quad++)
        {
            a.Vector(Evex.BroadcastDword, Narrow + quad, Operand.At(Gpr.Rdx, 4 * quad));
        }

        a.Vector(Evex.BroadcastSs, Scale, Operand.At(Gpr.Rdx, NarrowScale));
        a.Vector(Evex.BroadcastDword, Offset, Operand.At(Gpr.Rdx, NarrowOffset));
        a.Move(Gpr.Rdx, Gpr.R9);
        FetchFrom(a, PrefetchBytes / (quads * LowRankQuants.QuadBytes));
        Label loop = Assembler.NewLabel();
        a.Align(64);
        a.Bind(loop);
        a.Vector(Evex.MultiplyPs, Scales, Scale, Operand.Broadcast(Gpr.Rdx));
        for (int part = 0; part < Parts; part++)
        {
            a.Vector(Evex.LoadBytes512, part, Offset);
        }

        for (int quad = 0; quad < quads; quad++)
        {
            for (int part = 0; part < Parts; part++)
            {
                int offset = (LowRankQuants.QuadBytes * quad) + (Line * part);
                a.Prefetch(Operand.At(Gpr.R9, offset), once);
                a.Vector(Evex.LoadBytes512, Weight + part, Operand.At(Gpr.Rdi, offset));
                a.Vector(Evex.DotBytes, part, Weight + part, Narrow + quad);
            }
        }

        for (int part = 0; part < Parts; part++)
        {
            Operand y = Operand.At(Gpr.Rsi, Line * part);
            a.Vector(Evex.ConvertDwordsToPs, part, part);
            a.Vector(Evex.LoadPs, Product + part, y);
            a.Vector(Evex.MultiplyAddPs, Product + part, part, Scales);
            a.Vector(Evex.StorePs, Product + part, y);
        }

        a.Add(Gpr.Rdi, quads * LowRankQuants.QuadBytes);
        a.Add(Gpr.Rsi, Line * Parts);
        a.Add(Gpr.Rdx, sizeof(float));
        FetchOn(a, quads * LowRankQuants.QuadBytes);
        a.Subtract(Gpr.Rcx, 1);
        a.Jump(Condition.NotZero, loop);
        a.ZeroUpper();
        a.Return();
    }

    /// <summary>R9 = the memory that is fetched first, R10 = rounds until R8 takes its place.</summary>
    private static void FetchFrom(Assembler a, int roundsAhead)
    {
        Label start = Assembler.NewLabel();
        a.LoadAddress(Gpr.R9, Operand.At(Gpr.Rdi, PrefetchBytes));
        a.Move(Gpr.R10, Gpr.Rcx);
        a.Subtract(Gpr.R10, roundsAhead);
        a.Jump(Condition.Greater, start);
        a.Move(Gpr.R9, Gpr.R8);
        a.Bind(start);
    }

    private static void FetchOn(Assembler a, int bytes)
    {
        Label same = Assembler.NewLabel();
        a.Add(Gpr.R9, bytes);
        a.Subtract(Gpr.R10, 1);
        a.Jump(Condition.NotZero, same);
        a.Move(Gpr.R9, Gpr.R8);
        a.Bind(same);
    }

    private static int Term(int term, int rows, int r) => ((LowRankQuants.BlockInputs + (4 * term)) * rows) + (4 * r);
}
