namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// One stored format's products in panels: how 32 rows of a weight are packed, and the kernel that multiplies them with
/// encoded activations. A new one is a class beside this and a line in <see cref="PanelFormats"/>.
/// Instances are stateless; all methods are called from several threads at once.
/// </summary>
/// <remarks>
/// <see cref="PanelLinear"/> encodes x once per product in groups of at most <see cref="ActivationFormat.GroupRows"/> rows,
/// balanced (16 rows of groups of 14 are 8 and 8), gives out panels to the workers, and has each multiplied with all groups.
/// The bits of a row of y must not depend on the rows in its group: all tiles of a kernel sum in the same order.
/// </remarks>
internal abstract unsafe class PanelFormat
{
    /// <summary>Rows of a weight in a panel. Panels follow each other in memory.</summary>
    public const int Rows = 32;

    /// <summary>What this kernel multiplies with. Formats that share an instance share the encoded activations.</summary>
    public abstract ActivationFormat Activations { get; }

    /// <summary>Whether packing writes every byte of a panel, so that it need not be zeroed before.</summary>
    public virtual bool PacksAllBytes => false;

    /// <summary>Bytes of a panel; a multiple of 64.</summary>
    public abstract long PanelBytes(int columns);

    /// <summary>
    /// Packs a panel. Rows from <paramref name="rows"/> to 31 do not exist and stay zeros.
    /// </summary>
    /// <param name="source">The first row, as stored.</param>
    /// <param name="rowBytes">Distance of the rows.</param>
    /// <param name="rows">Rows there are, 1 to 32.</param>
    /// <param name="columns">Elements in a row.</param>
    /// <param name="panel">Zeroed unless <see cref="PacksAllBytes"/>; aligned to 64 bytes.</param>
    /// <param name="isKept">The panel stays in memory; else it is scratch, to be multiplied out of the caches and forgotten.</param>
    public abstract void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel, bool isKept);

    /// <summary>y[r * ldy + j] = x[r] . w[j] for all 32 rows j of the panel.</summary>
    /// <param name="panel">The packed panel. What lies behind it may be prefetched.</param>
    /// <param name="columns">Elements in a row.</param>
    /// <param name="x">A group of encoded rows, aligned to 64 bytes.</param>
    /// <param name="rows">Rows in the group, 1 to GroupRows.</param>
    /// <param name="y">Unaligned.</param>
    /// <param name="ldy">Floats from a row of y to the next.</param>
    public abstract void Multiply(byte* panel, int columns, byte* x, int rows, float* y, nint ldy);

    /// <summary>The products with several groups: by default one group after the other.</summary>
    /// <param name="panel">The packed panel.</param>
    /// <param name="next">What is fetched meanwhile.</param>
    /// <param name="x">The encoded rows.</param>
    /// <param name="firstGroup">First group.</param>
    /// <param name="lastGroup">The group after the last one.</param>
    /// <param name="y">Row of the first group.</param>
    /// <param name="ldy">Floats from a row of y to the next.</param>
    public virtual void Multiply(byte* panel, NextPanel next, EncodedRows x, int firstGroup, int lastGroup, float* y, nint ldy)
    {
        for (int group = firstGroup; group < lastGroup; group++)
        {
            int rows = x.FirstRow(group + 1) - x.FirstRow(group);
            Multiply(panel, x.Columns, x.Group(group), rows, y, ldy);
            y += rows * ldy;
        }
    }

    /// <summary>The same, while the changes of the product's rows are fetched: by default all at once before it, so many lines.</summary>
    public virtual void Multiply(byte* panel, NextPanel next, EncodedRows x, int firstGroup, int lastGroup, float* y, nint ldy, LowRankFetch fetch)
    {
        const int Lines = 64, LineBytes = 64;
        if (fetch.Next(Lines) is var fetched && fetched is not null)
        {
            for (int line = 0; line < Lines; line++)
            {
                Memory.PrefetchFar(fetched + (line * LineBytes));
            }
        }

        Multiply(panel, next, x, firstGroup, lastGroup, y, ldy);
    }
}
