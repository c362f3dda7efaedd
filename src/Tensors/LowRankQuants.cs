namespace Inference.Tensors;

/// <summary>
/// A low-rank change in 8 bits, in tiles of 16 ranks, as one product of bytes after another reads it: for each tile the quants of A,
/// [block of 32 inputs][8 groups][16 ranks][4 inputs], then the factors of each tile [16], the scales of each tile's panels, and for each tile
/// the quants of B, [panel of 64 outputs][quads of ranks][64 outputs][4 ranks]. Quants are from -127 to 127, stored with
/// <see cref="Zero"/> added, since products of bytes take one side unsigned.
/// A = quant * scale of its row. B = quant * scale of its panel and tile * scale of its column. Factors are the scale of A's row times that of
/// B's column times that of the change: B's quants take what A's quants gave, times these.
/// </summary>
internal sealed unsafe class LowRankQuants
{
    /// <summary>Ranks in a tile.</summary>
    public const int TileRanks = 16;

    /// <summary>Inputs in a block.</summary>
    public const int BlockInputs = 32;

    /// <summary>Ranks in a quad, and inputs in a group.</summary>
    public const int Quad = 4;

    /// <summary>Bytes of a block of A.</summary>
    public const int BlockBytes = TileRanks * BlockInputs;

    /// <summary>Bytes of a quad of ranks in a panel of B.</summary>
    public const int QuadBytes = LowRankWeight.PanelOutputs * Quad;

    /// <summary>Bytes of what a row of x Aᵀ is rounded to for a tile: 16 quants, their scale, their negative sum times <see cref="Zero"/>.</summary>
    public const int NarrowBytes = 32;

    /// <summary>What the quant 0 is stored as.</summary>
    public const int Zero = 128;

    /// <summary>Below this the reciprocal of a scale would overflow; what it scales counts as zero.</summary>
    public const float Least = 1e-30f;

    private const int Most = 127, Line = 64;

    private readonly int _rank;
    private readonly float[] _rowScales;
    private readonly float[] _columnScales;
    private readonly byte* _down;
    private readonly float* _factors;
    private readonly float* _scales;
    private readonly byte* _up;

    /// <summary>Rounds A [rank, in] and B [out, rank] into <paramref name="data"/>, <see cref="BytesOf"/> bytes that are aligned to 64.</summary>
    public LowRankQuants(Tensor a, Tensor b, float scale, byte* data)
    {
        (_rank, Blocks, Panels) = (a.Rows, Parts(a.Columns, BlockInputs), Parts(b.Rows, LowRankWeight.PanelOutputs));
        Tiles = Parts(_rank, TileRanks);
        (_rowScales, _columnScales) = (new float[_rank], new float[_rank]);
        _down = data;
        _factors = (float*)(_down + ((long)Tiles * Blocks * BlockBytes));
        _scales = _factors + (Tiles * TileRanks);
        _up = (byte*)(_scales + ((long)Tiles * PanelFloats(Panels)));
        new Span<byte>(_down, checked(Tiles * Blocks * BlockBytes)).Fill(Zero);
        new Span<float>(_factors, (int)((float*)_up - _factors)).Clear();
        new Span<byte>(_up, (int)(data + BytesOf(_rank, a.Columns, b.Rows) - _up)).Fill(Zero);
        RoundDown(a);
        RoundUp(b);
        for (int j = 0; j < _rank; j++)
        {
            _factors[j] = _rowScales[j] * _columnScales[j] * scale;
        }
    }

    /// <summary>Tiles of ranks.</summary>
    public int Tiles { get; }

    /// <summary>Blocks of inputs.</summary>
    public int Blocks { get; }

    /// <summary>Panels of outputs.</summary>
    public int Panels { get; }

    /// <summary>Bytes of a change.</summary>
    public static long BytesOf(int rank, int inputs, int outputs)
    {
        long tiles = Parts(rank, TileRanks), panels = Parts(outputs, LowRankWeight.PanelOutputs);
        return (tiles * Parts(inputs, BlockInputs) * BlockBytes) + (tiles * (TileRanks + PanelFloats((int)panels)) * sizeof(float)) + (panels * Parts(rank, Quad) * QuadBytes);
    }

    /// <summary>A's quants of a tile.</summary>
    public byte* Down(int tile) => _down + ((long)tile * Blocks * BlockBytes);

    /// <summary>A tile's factors.</summary>
    public float* Factors(int tile) => _factors + (tile * TileRanks);

    /// <summary>The scales of a tile's panels.</summary>
    public float* Scales(int tile) => _scales + ((long)tile * PanelFloats(Panels));

    /// <summary>B's quants of a tile.</summary>
    public byte* Up(int tile) => _up + ((long)tile * Panels * (TileRanks / Quad) * QuadBytes);

    /// <summary>Quads of ranks in a tile: fewer in the last.</summary>
    public int Quads(int tile) => Parts(Math.Min(TileRanks, _rank - (tile * TileRanks)), Quad);

    /// <summary>A[rank, input] as it is multiplied.</summary>
    public float DownAt(int rank, int input) => (*DownQuant(rank, input) - Zero) * _rowScales[rank];

    /// <summary>B[output, rank] as it is multiplied.</summary>
    public float UpAt(int output, int rank) =>
        (*UpQuant(output, rank) - Zero) * Scales(rank / TileRanks)[output / LowRankWeight.PanelOutputs] * _columnScales[rank];

    private static int Parts(int count, int size) => (count + size - 1) / size;

    private static int PanelFloats(int panels) => Parts(panels, Line / sizeof(float)) * Line / sizeof(float);

    private static byte Quant(float value, float inverse) => (byte)(Zero + (int)Math.Clamp(MathF.Round(value * inverse), -Most, Most));

    private static float Inverse(float largest) => largest > Least ? Most / largest : 0;

    private void RoundDown(Tensor a)
    {
        for (int j = 0; j < _rank; j++)
        {
            float[] row = a.ReadRow(j);
            float largest = row.Max(MathF.Abs), inverse = Inverse(largest);
            _rowScales[j] = largest / Most;
            for (int i = 0; i < row.Length; i++)
            {
                *DownQuant(j, i) = Quant(row[i], inverse);
            }
        }
    }

    private void RoundUp(Tensor b)
    {
        for (int o = 0; o < b.Rows; o++)
        {
            float[] row = b.ReadRow(o);
            for (int j = 0; j < _rank; j++)
            {
                _columnScales[j] = Math.Max(_columnScales[j], MathF.Abs(row[j]));
            }
        }

        float[] inverse = Array.ConvertAll(_columnScales, largest => largest > Least ? 1 / largest : 0);
        for (int panel = 0; panel < Panels; panel++)
        {
            int first = panel * LowRankWeight.PanelOutputs;
            float[][] rows = [.. Enumerable.Range(first, Math.Min(LowRankWeight.PanelOutputs, b.Rows - first)).Select(b.ReadRow)];
            for (int tile = 0; tile < Tiles; tile++)
            {
                int last = Math.Min(_rank, (tile + 1) * TileRanks);
                float largest = 0;
                foreach (float[] row in rows)
                {
                    for (int j = tile * TileRanks; j < last; j++)
                    {
                        largest = Math.Max(largest, MathF.Abs(row[j] * inverse[j]));
                    }
                }

                Scales(tile)[panel] = largest / Most;
                for (int o = 0; o < rows.Length; o++)
                {
                    for (int j = tile * TileRanks; j < last; j++)
                    {
                        *UpQuant(first + o, j) = Quant(rows[o][j] * inverse[j], Inverse(largest));
                    }
                }
            }
        }
    }

    private byte* DownQuant(int rank, int input) => Down(rank / TileRanks) + ((long)(input / Quad) * TileRanks * Quad) + (rank % TileRanks * Quad) + (input % Quad);

    private byte* UpQuant(int output, int rank)
    {
        int tile = rank / TileRanks, panel = output / LowRankWeight.PanelOutputs;
        return Up(tile) + ((((long)panel * Quads(tile)) + (rank % TileRanks / Quad)) * QuadBytes) + (output % LowRankWeight.PanelOutputs * Quad) + (rank % Quad);
    }
}
