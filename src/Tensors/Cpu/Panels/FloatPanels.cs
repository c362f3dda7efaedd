namespace Inference.Tensors.Cpu.Panels;

/// <summary>Panels of F32, F16 or BF16 weights, multiplied with F32 activations by multiply-adds.</summary>
internal sealed unsafe class FloatPanels<F> : PanelFormat
    where F : struct, IPanelFloats
{
    public override ActivationFormat Activations => ActivationF32.Instance;

    public override long PanelBytes(int columns) => (columns + 1L) / 2 * F.PairBytes;

    public override void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel) =>
        PanelPacking.Pack<F>(source, rowBytes, rows, panel);

    public override void Multiply(byte* panel, int columns, byte* x, int rows, float* y, nint ldy)
    {
        for (int row = 0; row < rows;)
        {
            row += FloatTile<F>.Run(rows - row, panel, columns, (float*)x + row, rows, y + (row * ldy), ldy);
        }
    }
}
