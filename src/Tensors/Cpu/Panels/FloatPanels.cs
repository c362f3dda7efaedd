using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// Panels of F32, F16 or BF16 weights. Every sum is one sequence over k. Emitted tiles and those of intrinsics differ in
/// the last bits where vdpbf16ps adds pairs.
/// </summary>
/// <param name="activations">What the tiles multiply with.</param>
/// <param name="type">Format of the weights.</param>
/// <param name="emitted">Tiles are emitted (<see cref="FloatTileEmitter.Tiles"/>), else those of intrinsics serve.</param>
internal sealed unsafe class FloatPanels<F>(ActivationFormat activations, DType type, bool emitted) : PanelFormat
    where F : struct, IPanelFloats
{
    private readonly nint[]? _tiles = emitted ? FloatTileEmitter.Tiles(type) : null;
    private readonly Lazy<nint[]>? _fetchingTiles = emitted ? new(() => FloatTileEmitter.Tiles(type, fetching: true)) : null;

    public override ActivationFormat Activations => activations;

    public override long PanelBytes(int columns) => (long)Pairs(columns) * F.PairBytes;

    public override void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel, bool isKept) =>
        PanelPacking.Pack<F>(source, rowBytes, rows, panel, isKept);

    public override void Multiply(byte* panel, int columns, byte* x, int rows, float* y, nint ldy)
    {
        if (_tiles is not null)
        {
            Run(_tiles, panel, columns, x, rows, y, ldy, null);
            return;
        }

        for (int row = 0; row < rows;)
        {
            row += FloatTile<F>.Run(rows - row, panel, columns, (float*)x + row, rows, y + (row * ldy), ldy);
        }
    }

    public override void Multiply(byte* panel, NextPanel next, EncodedRows x, int firstGroup, int lastGroup, float* y, nint ldy, LowRankFetch fetch)
    {
        if (_fetchingTiles is null)
        {
            base.Multiply(panel, next, x, firstGroup, lastGroup, y, ldy, fetch);
            return;
        }

        for (int group = firstGroup; group < lastGroup; group++)
        {
            int rows = x.FirstRow(group + 1) - x.FirstRow(group);
            byte* fetched = fetch.Next(Pairs(x.Columns));
            Run(fetched is null ? _tiles! : _fetchingTiles.Value, panel, x.Columns, x.Group(group), rows, y, ldy, fetched);
            y += rows * ldy;
        }
    }

    private static void Run(nint[] tiles, byte* panel, int columns, byte* x, int rows, float* y, nint ldy, byte* fetched) =>
        ((delegate* unmanaged[SuppressGCTransition]<byte*, byte*, float*, nint, nint, byte*, void>)tiles[rows - 1])(
            panel, x, y, ldy * sizeof(float), Pairs(columns), fetched);

    private static int Pairs(int columns) => PanelPacking.PaddedColumns(columns) / 2;
}
