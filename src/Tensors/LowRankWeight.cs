namespace Inference.Tensors;

/// <summary>
/// A low-rank change of a linear layer as backends multiply it: y += scale * (x Aᵀ) Bᵀ (Hu et al., LoRA, 2021), and with factors
/// y = bias + factors * (y - bias + scale * (x Aᵀ) Bᵀ), which is DoRA's weight of given row norms (Liu et al., 2024).
/// Both are copied, one behind the other, so that a product reads one stream. A is [rank][in], its rows a multiple of 4, its columns one of 64.
/// B is in panels of 64 outputs, [panel][rank][64]; in BF16 in pairs of ranks, at most 8 at a time: [8 pairs][panel][pair][64][2]. What is
/// filled up is filled with zeros. In 8 bits (<see cref="DType.Q8_0"/>) both are as <see cref="LowRankQuants"/> says.
/// </summary>
public unsafe class LowRankWeight : IDisposable
{
    /// <summary>Outputs in a panel.</summary>
    internal const int PanelOutputs = 64;

    /// <summary>Pairs of ranks that lie together in BF16.</summary>
    internal const int PairsTogether = 8;

    /// <summary>Ranks that are rounded to BF16 at a time.</summary>
    internal const int RanksTogether = 32;

    private const int RankMultiple = 4, ColumnMultiple = 64;

    private readonly LowRankBlock? _own;
    private readonly Tensor? _down;
    private readonly byte* _up;

    /// <summary>Copies A and B.</summary>
    /// <param name="a">A [rank, in] in F32, F16 or BF16.</param>
    /// <param name="b">B [out, rank] in F32, F16 or BF16.</param>
    /// <param name="scale">The factor of B A.</param>
    /// <param name="factors">Factors of the rows of the changed weight [1, out] in F32, owned from here on; or null.</param>
    /// <param name="type">Number format of the copies, F32, F16, BF16, or Q8_0 for 8 bits; null: that of B.</param>
    /// <param name="block">Memory for the copies, which must outlive this; null: of its own.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a number format is one of blocks.</exception>
    public LowRankWeight(Tensor a, Tensor b, float scale, Tensor? factors = null, DType? type = null, LowRankBlock? block = null)
    {
        Require.Columns(b, a.Rows);
        DType format = type ?? b.Type;
        if (a.Type.BlockLength() > 1 || b.Type.BlockLength() > 1 || (format.BlockLength() > 1 && format != DType.Q8_0))
        {
            throw new ArgumentException($"a low-rank change is in F32, F16 or BF16, multiplied in these or Q8_0: not {a} and {b} as {format}", nameof(a));
        }

        if (factors is not null)
        {
            Require.Shape(factors, 1, b.Rows);
        }

        (Type, Scale, Rank, Inputs, Outputs, Factors) = (format, scale, a.Rows, a.Columns, b.Rows, factors);
        long bytes = BytesOf(a.Rows, a.Columns, b.Rows, format);
        block ??= _own = new LowRankBlock(bytes);
        (Block, ByteLength) = (block, bytes + (factors?.ByteLength ?? 0));
        byte* data = block.Take(bytes);
        Data = data;
        DataBytes = bytes;
        NarrowBytes = format == DType.Q8_0 ? Filled(Rank, LowRankQuants.TileRanks) / LowRankQuants.TileRanks * LowRankQuants.NarrowBytes : Filled(Rank, RanksTogether) * sizeof(ushort);
        if (format == DType.Q8_0)
        {
            Quants = new LowRankQuants(a, b, scale, data);
            return;
        }

        _down = Tensor.Borrow(format, Filled(a.Rows, RankMultiple), Filled(a.Columns, ColumnMultiple), (nint)data, block);
        _up = data + _down.ByteLength;
        float[] row = new float[_down.Columns];
        for (int j = 0; j < a.Rows; j++)
        {
            a.ReadRow(j).CopyTo(row, 0);
            _down.WriteRow(j, row);
        }

        using Tensor converted = b.ConvertTo(format);
        for (int o = 0; o < b.Rows; o++)
        {
            nint source = converted.Data + (nint)(o * converted.RowBytes);
            for (int j = 0; j < b.Columns; j++)
            {
                if (format == DType.F32)
                {
                    ((uint*)_up)[UpIndex(o, j)] = ((uint*)source)[j];
                }
                else
                {
                    ((ushort*)_up)[UpIndex(o, j)] = ((ushort*)source)[j];
                }
            }
        }
    }

    /// <summary>What a backend derives that keeps a copy in a device's memory (<see cref="IBackend.Place(LowRankWeight)"/>).</summary>
    /// <param name="packed">What it is a copy of; owned from here on.</param>
    protected LowRankWeight(LowRankWeight packed)
    {
        (Type, Scale, Rank, Inputs, Outputs) = (packed.Type, packed.Scale, packed.Rank, packed.Inputs, packed.Outputs);
        (Block, ByteLength, Packed) = (packed.Block, packed.ByteLength, packed);
    }

    /// <summary>Number format of A and B: F32, F16, BF16, or Q8_0 for 8 bits.</summary>
    public DType Type { get; }

    /// <summary>The factor of B A.</summary>
    public float Scale { get; }

    /// <summary>Factors of the rows of the changed weight, [1, out], or null.</summary>
    public Tensor? Factors { get; }

    /// <summary>Rank of the change.</summary>
    public int Rank { get; }

    /// <summary>Columns of the layer's weight.</summary>
    public int Inputs { get; }

    /// <summary>Rows of the layer's weight.</summary>
    public int Outputs { get; }

    /// <summary>Bytes of the copies.</summary>
    public long ByteLength { get; }

    /// <summary>What this is a copy of, in the host's memory; itself where operations read that.</summary>
    public LowRankWeight Packed { get => field ?? this; private init; }

    /// <summary>A, [rank, in], both filled up; not in 8 bits.</summary>
    internal Tensor Down => _down ?? throw new InvalidOperationException("the change is in 8 bits");

    /// <summary>B, as it is packed; not in 8 bits.</summary>
    internal byte* Up => _up;

    /// <summary>A and B in 8 bits, or null.</summary>
    internal LowRankQuants? Quants { get; }

    /// <summary>Bytes of a row of x Aᵀ between the halves of the product, for kernels that round it to BF16 or 8 bits.</summary>
    internal int NarrowBytes { get; }

    /// <summary>A and B, one behind the other.</summary>
    internal byte* Data { get; }

    /// <summary>Bytes of A and B.</summary>
    internal long DataBytes { get; }

    /// <summary>The memory of A and B.</summary>
    internal LowRankBlock Block { get; }

    /// <summary>Panels of outputs.</summary>
    internal int Panels => (Outputs + PanelOutputs - 1) / PanelOutputs;

    /// <summary>Bytes that the copies of a change take.</summary>
    public static long BytesOf(int rank, int inputs, int outputs, DType type)
    {
        if (type == DType.Q8_0)
        {
            return LowRankQuants.BytesOf(rank, inputs, outputs);
        }

        long ranks = type == DType.BF16 ? Filled(rank, 2) : rank;
        return type.RowBytes(ColumnMultiple) * ((Filled(rank, RankMultiple) * (long)Filled(inputs, ColumnMultiple) / ColumnMultiple) + (ranks * (Filled(outputs, PanelOutputs) / PanelOutputs)));
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        if (Packed != this)
        {
            Packed.Dispose();
        }

        _own?.Dispose();
        Factors?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Pairs of ranks in a group of <see cref="PairsTogether"/>: fewer in the last.</summary>
    internal int PairsIn(int group) => Math.Min(PairsTogether, (Rank - (2 * PairsTogether * group) + 1) / 2);

    /// <summary>First byte of a group of pairs in BF16.</summary>
    internal byte* UpGroup(int group) => _up + ((long)group * Panels * PairsTogether * PanelOutputs * sizeof(uint));

    /// <summary>A[rank, input] as it is multiplied.</summary>
    internal float DownAt(int rank, int input) => Type switch
    {
        DType.Q8_0 => Quants!.DownAt(rank, input),
        DType.F32 => ((float*)Down.Data)[((long)rank * Down.Columns) + input],
        DType.F16 => (float)((Half*)Down.Data)[((long)rank * Down.Columns) + input],
        _ => BitConverter.UInt32BitsToSingle((uint)((ushort*)Down.Data)[((long)rank * Down.Columns) + input] << 16),
    };

    /// <summary>B[output, rank] as it is multiplied.</summary>
    internal float UpAt(int output, int rank) => Type switch
    {
        DType.Q8_0 => Quants!.UpAt(output, rank),
        DType.F32 => ((float*)_up)[UpIndex(output, rank)],
        DType.F16 => (float)((Half*)_up)[UpIndex(output, rank)],
        _ => BitConverter.UInt32BitsToSingle((uint)((ushort*)_up)[UpIndex(output, rank)] << 16),
    };

    private static int Filled(int count, int multiple) => (count + multiple - 1) / multiple * multiple;

    private long UpIndex(int output, int rank)
    {
        int panel = output / PanelOutputs, inPanel = output % PanelOutputs;
        if (Type != DType.BF16)
        {
            return (((long)panel * Rank) + rank) * PanelOutputs + inPanel;
        }

        int group = rank / (2 * PairsTogether), pair = rank / 2 % PairsTogether;
        long before = (long)group * Panels * PairsTogether;
        return 2 * (((before + ((long)panel * PairsIn(group)) + pair) * PanelOutputs) + inPanel) + (rank % 2);
    }
}
