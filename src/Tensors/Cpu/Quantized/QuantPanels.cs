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
    private static readonly Lazy<nint[]> Tiles = new(QuantTileEmitter<F>.Tiles);

    public override ActivationFormat Activations => ActivationQ8.Instance;

    public override long PanelBytes(int columns) => QuantLayout<F>.PanelBytes(columns);

    public override void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel, bool isKept) =>
        QuantPacking<F>.Pack(source, rowBytes, rows, columns, panel);

    public override void Multiply(byte* panel, int columns, byte* x, int rows, float* y, nint ldy)
    {
        if (emitted)
        {
            ((delegate* unmanaged[SuppressGCTransition]<byte*, byte*, float*, nint, nint, void>)Tiles.Value[rows - 1])(
                panel, x, y, ldy * sizeof(float), columns / (32 * QuantLayout<F>.BlocksPerHeader));
            return;
        }

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
}
