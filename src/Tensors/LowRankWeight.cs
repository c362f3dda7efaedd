using System.Runtime.CompilerServices;

namespace Inference.Tensors;

/// <summary>
/// A low-rank change of a linear layer as backends multiply it: y += scale * (x Aᵀ) Bᵀ (Hu et al., LoRA, 2021), and with factors
/// y = bias + factors * (y - bias + scale * (x Aᵀ) Bᵀ), which is DoRA's weight of given row norms (Liu et al., 2024).
/// Both are copied, one behind the other: A as [rank][in], B in panels of 64 outputs, [panel][rank][64], so that a product reads
/// one stream; the last panel ends in zeros.
/// </summary>
public sealed unsafe class LowRankWeight : IDisposable
{
    /// <summary>Outputs in a panel.</summary>
    internal const int PanelOutputs = 64;

    private const int Alignment = 64;

    private readonly Tensor _storage;

    /// <summary>Copies A and B.</summary>
    /// <param name="a">A [rank, in] in F32, F16 or BF16.</param>
    /// <param name="b">B [out, rank] in F32, F16 or BF16.</param>
    /// <param name="scale">The factor of B A.</param>
    /// <param name="factors">Factors of the rows of the changed weight [1, out] in F32, owned from here on; or null.</param>
    /// <param name="type">Number format of the copies, F32, F16 or BF16; null: that of B.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a number format is one of blocks.</exception>
    public LowRankWeight(Tensor a, Tensor b, float scale, Tensor? factors = null, DType? type = null)
    {
        Require.Columns(b, a.Rows);
        DType format = type ?? b.Type;
        if (a.Type.BlockLength() > 1 || b.Type.BlockLength() > 1 || format.BlockLength() > 1)
        {
            throw new ArgumentException($"a low-rank change is in F32, F16 or BF16, not {a} and {b} as {format}", nameof(a));
        }

        if (factors is not null)
        {
            Require.Shape(factors, 1, b.Rows);
        }

        (Scale, Outputs, Factors) = (scale, b.Rows, factors);
        int panelRows = (b.Rows + PanelOutputs - 1) / PanelOutputs * a.Rows;
        long downBytes = (a.Rows * format.RowBytes(a.Columns) + Alignment - 1) / Alignment * Alignment;
        _storage = Tensor.Allocate(1, checked((int)((downBytes + (panelRows * format.RowBytes(PanelOutputs))) / format.RowBytes(1))), format);
        Down = Tensor.Borrow(format, a.Rows, a.Columns, _storage.Data, _storage);
        Up = Tensor.Borrow(format, panelRows, PanelOutputs, _storage.Data + (nint)downBytes, _storage);
        for (int row = 0; row < a.Rows; row++)
        {
            Down.WriteRow(row, a.ReadRow(row));
        }

        using Tensor? converted = b.Type == format ? null : b.ConvertTo(format);
        if (format == DType.F32)
        {
            Pack<uint>(converted ?? b);
        }
        else
        {
            Pack<ushort>(converted ?? b);
        }
    }

    /// <summary>A, [rank, in].</summary>
    public Tensor Down { get; }

    /// <summary>The factor of B A.</summary>
    public float Scale { get; }

    /// <summary>Factors of the rows of the changed weight, [1, out], or null.</summary>
    public Tensor? Factors { get; }

    /// <summary>Rank of the change.</summary>
    public int Rank => Down.Rows;

    /// <summary>Columns of the layer's weight.</summary>
    public int Inputs => Down.Columns;

    /// <summary>Rows of the layer's weight.</summary>
    public int Outputs { get; }

    /// <summary>Bytes of the copies.</summary>
    public long ByteLength => _storage.ByteLength + (Factors?.ByteLength ?? 0);

    /// <summary>B in panels: row panel * rank + j has B's column j for the panel's outputs.</summary>
    internal Tensor Up { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _storage.Dispose();
        Factors?.Dispose();
    }

    private void Pack<T>(Tensor b)
        where T : unmanaged
    {
        for (int o = 0; o < b.Rows; o++)
        {
            T* row = (T*)(b.Data + (nint)(o * b.RowBytes));
            T* panel = (T*)Up.Data + ((long)(o / PanelOutputs) * Rank * PanelOutputs) + (o % PanelOutputs);
            for (int j = 0; j < b.Columns; j++)
            {
                panel[j * PanelOutputs] = Unsafe.ReadUnaligned<T>(row + j);
            }
        }

        GC.KeepAlive(b);
    }
}
