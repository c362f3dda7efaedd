using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Panels;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>Panels of a quantised format, multiplied with activations in <see cref="ActivationQ8"/> as integers.</summary>
internal sealed unsafe class QuantPanels<F>(Isa isa) : PanelFormat
    where F : struct, IQuantFormat
{
    public override ActivationFormat Activations => ActivationQ8.Instance;

    public override long PanelBytes(int columns) => QuantLayout<F>.PanelBytes(columns);

    public override void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel) =>
        QuantPacking<F>.Pack(source, rowBytes, rows, columns, panel);

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
}
