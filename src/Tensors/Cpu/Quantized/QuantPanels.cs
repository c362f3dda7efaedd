using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Cpu.Panels;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>
/// Panels of a quantised format, multiplied with activations in <see cref="ActivationQ8"/> as integers. Emitted tiles and
/// AVX-512 intrinsics give the same bits.
/// </summary>
/// <param name="isa">The instruction set of the intrinsics.</param>
/// <param name="emitted">Tiles are emitted; they are made at the first product.</param>
internal sealed unsafe class QuantPanels<F>(Isa isa, bool emitted) : PanelFormat
    where F : struct, IQuantFormat
{
    /// <summary>Two and up to so many groups of rows take turns at pieces of a panel; more pass over all of it each.</summary>
    private const int FewGroups = 8;

    /// <summary>Columns of a piece of a panel: 9 to 17 KB.</summary>
    private const int PieceColumns = 512;

    /// <summary>By how many tiles share the fetching of memory, less one.</summary>
    private static readonly Lazy<nint[]>[] Tiles = [.. Enumerable.Range(1, 3).Select(share => new Lazy<nint[]>(() => QuantTileEmitter<F>.Tiles(share)))];

    public override ActivationFormat Activations => ActivationQ8.Instance;

    public override bool PacksAllBytes => true;

    public override long PanelBytes(int columns) => QuantLayout<F>.PanelBytes(columns);

    public override void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel, bool isKept) =>
        QuantPacking<F>.Pack(source, rowBytes, rows, columns, panel);

    public override void Multiply(byte* panel, NextPanel next, EncodedRows x, int firstGroup, int lastGroup, float* y, nint ldy)
    {
        if (!emitted)
        {
            base.Multiply(panel, next, x, firstGroup, lastGroup, y, ldy);
            return;
        }

        // While one piece of the panel is multiplied with all groups, each of these fetches a share of the next piece; of the next panel's, where
        // this panel has just been packed and lies in the caches.
        int groups = lastGroup - firstGroup, share = Math.Min(groups, Tiles.Length);
        nint[] tiles = Tiles[share - 1].Value;
        long shareBytes = 64L * QuantTileEmitter<F>.FetchedLines(share);
        for (int column = 0; column < x.Columns;)
        {
            int end = End(column, x.Columns, groups);
            byte* piece = panel + PanelBytes(column);
            byte* following = next.IsCached ? next.Data + PanelBytes(column) : end < x.Columns ? panel + PanelBytes(end) : next.Data;
            float* target = y;
            for (int group = firstGroup; group < lastGroup; group++)
            {
                int rows = x.FirstRow(group + 1) - x.FirstRow(group), part = (group - firstGroup) % share;
                ((delegate* unmanaged[SuppressGCTransition]<byte*, byte*, float*, nint, nint, byte*, nint, void>)tiles[rows - 1])(
                    piece, x.Group(group) + ActivationQ8.Instance.GroupBytes(rows, column), target, ldy * sizeof(float),
                    (end - column) / (32 * QuantLayout<F>.BlocksPerHeader), following + ((end - column) / 32 * shareBytes * part), column);
                target += rows * ldy;
            }

            column = end;
        }
    }

    public override void Multiply(byte* panel, int columns, byte* x, int rows, float* y, nint ldy)
    {
        switch (isa)
        {
            case Isa.Avx512:
                IntegerTile<F, Integer512, Vector512<byte>>.Run(panel, columns, x, rows, y, ldy);
                break;
            case Isa.Avx2:
                IntegerTile<F, Integer256, Vector256<byte>>.Run(panel, columns, x, rows, y, ldy);
                break;
            default:
                IntegerTile<F, Integer128, Vector128<byte>>.Run(panel, columns, x, rows, y, ldy);
                break;
        }
    }

    /// <summary>Where the piece that begins at <paramref name="column"/> ends. None is shorter than half the others.</summary>
    private static int End(int column, int columns, int groups)
    {
        int end = column + PieceColumns;
        return groups is 1 or > FewGroups || end + (PieceColumns / 2) > columns ? columns : end;
    }
}
