using System.Runtime.CompilerServices;

namespace Inference.Tensors;

/// <summary>
/// A low-rank change of a linear layer as backends multiply it: y += scale * (x Aᵀ) Bᵀ (Hu et al., LoRA, 2021), and with factors
/// y = bias + factors * (y - bias + scale * (x Aᵀ) Bᵀ), which is DoRA's weight of given row norms (Liu et al., 2024).
/// A is borrowed as it is stored. B is copied in panels of 64 outputs, [panel][rank][64], so that a product reads it in one stream;
/// the last panel ends in zeros.
/// </summary>
public sealed unsafe class LowRankWeight : IDisposable
{
    /// <summary>Outputs in a panel.</summary>
    internal const int PanelOutputs = 64;

    /// <summary>Packs B.</summary>
    /// <param name="a">A [rank, in] in F32, F16 or BF16; must stay alive until this is disposed of.</param>
    /// <param name="b">B [out, rank] in F32, F16 or BF16; copied.</param>
    /// <param name="scale">The factor of B A.</param>
    /// <param name="factors">Factors of the rows of the changed weight [1, out] in F32, owned from here on; or null.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a number format is one of blocks.</exception>
    public LowRankWeight(Tensor a, Tensor b, float scale, Tensor? factors = null)
    {
        Require.Columns(b, a.Rows);
        if (a.Type.BlockLength() > 1 || b.Type.BlockLength() > 1)
        {
            throw new ArgumentException($"a low-rank change is in F32, F16 or BF16, not {a} and {b}", nameof(a));
        }

        if (factors is not null)
        {
            Require.Shape(factors, 1, b.Rows);
        }

        (Down, Scale, Outputs, Factors) = (a, scale, b.Rows, factors);
        Up = Tensor.Allocate((b.Rows + PanelOutputs - 1) / PanelOutputs * a.Rows, PanelOutputs, b.Type);
        if (b.Type == DType.F32)
        {
            Pack<uint>(b);
        }
        else
        {
            Pack<ushort>(b);
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

    /// <summary>Bytes that were allocated.</summary>
    public long AllocatedBytes => Up.ByteLength + (Factors?.ByteLength ?? 0);

    /// <summary>B in panels: row panel * rank + j has B's column j for the panel's outputs.</summary>
    internal Tensor Up { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Up.Dispose();
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
