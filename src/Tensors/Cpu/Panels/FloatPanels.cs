using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// Panels of F32, F16 or BF16 weights. Every sum is one sequence over k. Emitted tiles and those of intrinsics differ in
/// the last bits where vdpbf16ps adds pairs.
/// </summary>
/// <param name="activations">What the tiles multiply with.</param>
/// <param name="tiles">Emitted tiles by number of rows (<see cref="FloatTileEmitter.Tiles"/>), or null for intrinsics.</param>
internal sealed unsafe class FloatPanels<F>(ActivationFormat activations, nint[]? tiles) : PanelFormat
    where F : struct, IPanelFloats
{
    public override ActivationFormat Activations => activations;

    public override long PanelBytes(int columns) => (long)Pairs(columns) * F.PairBytes;

    public override void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel, bool isKept) =>
        PanelPacking.Pack<F>(source, rowBytes, rows, panel, isKept);

    public override void Multiply(byte* panel, int columns, byte* x, int rows, float* y, nint ldy)
    {
        if (tiles is not null)
        {
            ((delegate* unmanaged[SuppressGCTransition]<byte*, byte*, float*, nint, nint, void>)tiles[rows - 1])(
                panel, x, y, ldy * sizeof(float), Pairs(columns));
            return;
        }

        for (int row = 0; row < rows;)
        {
            row += FloatTile<F>.Run(rows - row, panel, columns, (float*)x + row, rows, y + (row * ldy), ldy);
        }
    }

    private static int Pairs(int columns) => PanelPacking.PaddedColumns(columns) / 2;
}
