namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// Emits the kernels of low-rank changes in BF16 (<see cref="LowRankWeight"/>), on vdpbf16ps: few rows against weights that are read once,
/// so that the memory is to be the limit and nothing else. What a row reads alone is fetched past the caches (prefetchnta), which keep the
/// base's weights and the activations.
/// </summary>
internal static class LowRankPairEmitter
{
    /// <summary>Rows of the largest tile of x Aᵀ: four rows of A by two halves of k each.</summary>
    public const int MaxRows = 3;

    private const int PrefetchBytes = 4096;

    /// <summary>Emits all.</summary>
    public static LowRankPairKernels Kernels()
    {
        int pairs = LowRankWeight.PairsTogether;
        Action<Assembler>[] functions =
        [
            Round,
            .. Enumerable.Range(1, MaxRows).Select(rows => new Action<Assembler>(a => Down(a, rows))),
            .. Enumerable.Range(1, pairs).Select(count => new Action<Assembler>(a => Up(a, count, once: true))),
            .. Enumerable.Range(1, pairs).Select(count => new Action<Assembler>(a => Up(a, count, once: false))),
        ];
        nint[] addresses = EmittedCode.Publish(functions);
        int up = 1 + MaxRows;
        return new LowRankPairKernels(addresses[0], addresses[1..up], addresses[up..(up + pairs)], addresses[(up + pairs)..]);
    }

    /// <summary>void (float* x, ushort* y, nint blocksOf32): to the nearest BF16.</summary>
    private static void Round(Assembler a)
    {
        Label loop = Assembler.NewLabel();
        a.Bind(loop);
        a.Vector(Evex.LoadPs, 0, Operand.At(Gpr.Rdi, 64));
        a.Vector(Evex.RoundToBFloat16, 1, 0, Operand.At(Gpr.Rdi));
        a.Vector(Evex.StorePs, 1, Operand.At(Gpr.Rsi));
        a.Add(Gpr.Rdi, 128);
        a.Add(Gpr.Rsi, 64);
        a.Subtract(Gpr.Rdx, 1);
        a.Jump(Condition.NotZero, loop);
        a.ZeroUpper();
        a.Return();
    }

    /// <summary>
    /// void (ushort* a, nint rowBytes, ushort* x, nint blocksOf64, float* sums): 16 partial sums for each row of x and each of four rows of A,
    /// [rows][4][16]. Rows of x are as long as those of A.
    /// </summary>
    private static void Down(Assembler a, int rows)
    {
        const int Activations = 24, Weights = 27;
        for (int i = 0; i < 8 * rows; i++)
        {
            a.Zero(i);
        }

        // R9, R10, R11: the third row, the fifth, the seventh; those from the fifth on are what comes next.
        a.LoadAddress(Gpr.R9, Operand.At(Gpr.Rdi, Gpr.Rsi, 2));
        a.LoadAddress(Gpr.R10, Operand.At(Gpr.Rdi, Gpr.Rsi, 4));
        a.LoadAddress(Gpr.R11, Operand.At(Gpr.R9, Gpr.Rsi, 4));
        a.Align(64);
        Label loop = Assembler.NewLabel();
        a.Bind(loop);
        for (int half = 0; half < 2; half++)
        {
            int offset = 64 * half;
            Operand[] weights = [Operand.At(Gpr.Rdi, offset), Operand.At(Gpr.Rdi, Gpr.Rsi, 1, offset), Operand.At(Gpr.R9, offset), Operand.At(Gpr.R9, Gpr.Rsi, 1, offset)];
            Operand[] next = [Operand.At(Gpr.R10, offset), Operand.At(Gpr.R10, Gpr.Rsi, 1, offset), Operand.At(Gpr.R11, offset), Operand.At(Gpr.R11, Gpr.Rsi, 1, offset)];
            Operand[] x = [Operand.At(Gpr.Rdx, offset), Operand.At(Gpr.Rdx, Gpr.Rsi, 1, offset), Operand.At(Gpr.Rdx, Gpr.Rsi, 2, offset)];
            for (int r = 0; r < rows; r++)
            {
                a.Vector(Evex.LoadPs, Activations + r, x[r]);
            }

            for (int w = 0; w < 4; w++)
            {
                a.Prefetch(next[w], once: rows == 1);
                if (rows > 1)
                {
                    a.Vector(Evex.LoadPs, Weights, weights[w]);
                }

                for (int r = 0; r < rows; r++)
                {
                    a.Vector(Evex.DotBFloat16, Sum(r, w) + half, Activations + r, rows > 1 ? Weights : weights[w]);
                }
            }
        }

        foreach (Gpr register in new[] { Gpr.Rdi, Gpr.Rdx, Gpr.R9, Gpr.R10, Gpr.R11 })
        {
            a.Add(register, 128);
        }

        a.Subtract(Gpr.Rcx, 1);
        a.Jump(Condition.NotZero, loop);
        for (int r = 0; r < rows; r++)
        {
            for (int w = 0; w < 4; w++)
            {
                a.Vector(Evex.AddPs, Sum(r, w), Sum(r, w), Sum(r, w) + 1);
                a.Vector(Evex.StorePs, Sum(r, w), Operand.At(Gpr.R8, 64 * ((4 * r) + w)));
            }
        }

        a.ZeroUpper();
        a.Return();

        static int Sum(int row, int weight) => 2 * ((4 * row) + weight);
    }

    /// <summary>
    /// void (ushort* b, float* y, ushort* narrow, nint panels): y[64 a panel] += narrow Bᵀ for so many pairs of ranks; once: B is not wanted again
    /// in this step.
    /// </summary>
    private static void Up(Assembler a, int pairs, bool once)
    {
        const int Narrow = 8, Parts = 4, LineBytes = 64;
        for (int pair = 0; pair < pairs; pair++)
        {
            a.Vector(Evex.BroadcastDword, Narrow + pair, Operand.At(Gpr.Rdx, sizeof(uint) * pair));
        }

        a.Align(64);
        Label loop = Assembler.NewLabel();
        a.Bind(loop);
        for (int part = 0; part < Parts; part++)
        {
            a.Zero(part);
        }

        for (int pair = 0; pair < pairs; pair++)
        {
            for (int part = 0; part < Parts; part++)
            {
                int offset = LineBytes * ((Parts * pair) + part);
                a.Prefetch(Operand.At(Gpr.Rdi, offset + PrefetchBytes), once);
                a.Vector(Evex.DotBFloat16, part, Narrow + pair, Operand.At(Gpr.Rdi, offset));
            }
        }

        for (int part = 0; part < Parts; part++)
        {
            Operand y = Operand.At(Gpr.Rsi, LineBytes * part);
            a.Vector(Evex.AddPs, part, part, y);
            a.Vector(Evex.StorePs, part, y);
        }

        a.Add(Gpr.Rdi, LineBytes * Parts * pairs);
        a.Add(Gpr.Rsi, LineBytes * Parts);
        a.Subtract(Gpr.Rcx, 1);
        a.Jump(Condition.NotZero, loop);
        a.ZeroUpper();
        a.Return();
    }
}
