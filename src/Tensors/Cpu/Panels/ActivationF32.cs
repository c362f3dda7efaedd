namespace Inference.Tensors.Cpu.Panels;

/// <summary>x as it is, interleaved: [k][rows].</summary>
internal sealed unsafe class ActivationF32 : ActivationFormat
{
    public static ActivationF32 Instance { get; } = new();

    public override int GroupRows => 12;

    public override long GroupBytes(int rows, int columns) => 4L * rows * columns;

    public override void Encode(float* x, nint ldx, int rows, int columns, byte* group)
    {
        float* target = (float*)group;
        if (rows == 1)
        {
            new ReadOnlySpan<float>(x, columns).CopyTo(new Span<float>(target, columns));
            return;
        }

        for (int r = 0; r < rows; r++)
        {
            for (int k = 0; k < columns; k++)
            {
                target[((long)k * rows) + r] = x[(r * ldx) + k];
            }
        }
    }
}
