namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// Emits the tiles of float panels: sums[r][32] of 1 to <see cref="MaxRows"/> rows of x in up to 28 registers, each sum one
/// sequence over k. BF16 takes pairs of k by vdpbf16ps; F32 and F16 take multiply-adds.
/// </summary>
internal static class FloatTileEmitter
{
    /// <summary>Rows of the largest tile: two registers a row, and two more for the weights.</summary>
    public const int MaxRows = 14;

    /// <summary>Columns come in multiples of this many; the last ones are zeros, in x and in the panel.</summary>
    public const int ColumnMultiple = 8;

    private const int Low = 28, High = 29;

    /// <summary>
    /// How far ahead of its use the panel is fetched: without, one row gets two thirds of the bandwidth. 512 to 8,192 bytes
    /// measured alike.
    /// </summary>
    private const int PrefetchBytes = 4096;

    /// <summary>
    /// Tiles of so few rows are never one of several groups (<see cref="Panels.PanelLinear"/>), so that the panel is read once
    /// and need not stay in the caches: 3 to 6 % faster.
    /// </summary>
    private const int RowsOfOneGroup = 6;

    /// <summary>
    /// The tiles of 1 to <see cref="MaxRows"/> rows, at index rows - 1. Each is
    /// void (byte* panel, byte* x, float* y, nint bytesFromRowToRowOfY, nint pairsOfColumns, byte* fetched).
    /// </summary>
    /// <param name="type">Format of the weights.</param>
    /// <param name="fetching">For each pair of columns a line of other memory is fetched meanwhile into the second-level cache.</param>
    public static nint[] Tiles(DType type, bool fetching = false) =>
        EmittedCode.Publish([.. Enumerable.Range(1, MaxRows).Select(rows => new Action<Assembler>(assembler => Tile(assembler, type, rows, fetching)))]);

    private static void Tile(Assembler a, DType type, int rows, bool fetching)
    {
        // Rdi: panel. Rsi: x. Rdx: y. Rcx: bytes of a row of y. R8: pairs of columns left. R9: fetched.
        int unroll = rows == 1 ? 4 : rows <= 3 ? 2 : 1;
        int pairBytes = type == DType.F32 ? 256 : 128, xBytes = type == DType.BF16 ? 4 * rows : 8 * rows;
        for (int i = 0; i < 2 * rows; i++)
        {
            a.Zero(i);
        }

        a.Align(64);
        Label loop = Assembler.NewLabel();
        a.Bind(loop);
        for (int pair = 0; pair < unroll; pair++)
        {
            for (int line = 0; line < pairBytes; line += 64)
            {
                a.Prefetch(Operand.At(Gpr.Rdi, (pair * pairBytes) + line + PrefetchBytes), once: rows <= RowsOfOneGroup);
            }

            if (fetching)
            {
                a.PrefetchFar(Operand.At(Gpr.R9, 64 * pair));
            }

            Pair(a, type, rows, pair * pairBytes, pair * xBytes);
        }

        if (fetching)
        {
            a.Add(Gpr.R9, 64 * unroll);
        }

        a.Add(Gpr.Rdi, unroll * pairBytes);
        a.Add(Gpr.Rsi, unroll * xBytes);
        a.Subtract(Gpr.R8, unroll);
        a.Jump(Condition.NotZero, loop);
        for (int r = 0; r < rows; r++)
        {
            a.Vector(Evex.StorePs, 2 * r, Operand.At(Gpr.Rdx));
            a.Vector(Evex.StorePs, (2 * r) + 1, Operand.At(Gpr.Rdx, 64));
            a.Add(Gpr.Rdx, Gpr.Rcx);
        }

        a.ZeroUpper();
        a.Return();
    }

    private static void Pair(Assembler a, DType type, int rows, int panel, int x)
    {
        if (type == DType.BF16)
        {
            Step(a, Evex.LoadPs, Evex.DotBFloat16, rows, panel, 64, x);
            return;
        }

        (EvexOp load, int bytes) = type == DType.F32 ? (Evex.LoadPs, 64) : (Evex.ConvertHalvesToPs, 32);
        Step(a, load, Evex.MultiplyAddPs, rows, panel, bytes, x);
        Step(a, load, Evex.MultiplyAddPs, rows, panel + (2 * bytes), bytes, x + (4 * rows));
    }

    private static void Step(Assembler a, in EvexOp load, in EvexOp multiply, int rows, int panel, int bytes, int x)
    {
        a.Vector(load, Low, Operand.At(Gpr.Rdi, panel));
        a.Vector(load, High, Operand.At(Gpr.Rdi, panel + bytes));
        for (int r = 0; r < rows; r++)
        {
            a.Vector(multiply, 2 * r, Low, Operand.Broadcast(Gpr.Rsi, x + (4 * r)));
            a.Vector(multiply, (2 * r) + 1, High, Operand.Broadcast(Gpr.Rsi, x + (4 * r)));
        }
    }
}
