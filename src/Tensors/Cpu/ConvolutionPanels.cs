using System.Runtime.InteropServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// A convolution's weight: panels of two vectors of outputs, [taps * in][2 vectors], zeros where there are no more outputs. Of
/// few outputs, where panels would be mostly zeros, the rows as they are.
/// </summary>
internal sealed unsafe class ConvolutionPanels<S, V> : PreparedConvolution
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Outputs up to which rows are multiplied with rows.</summary>
    private const int FewOutputs = 4;

    private readonly NativeBuffer _buffer = new();

    public ConvolutionPanels(Tensor weight, int taps)
        : base(weight, taps)
    {
        IsRows = weight.Rows <= FewOutputs;
        Panels = (weight.Rows + Width - 1) / Width;
        Length = weight.Columns;
        Data = _buffer.Floats(IsRows ? (long)weight.Rows * Length : (long)Panels * Width * Length);
        if (IsRows)
        {
            weight.Span.CopyTo(new Span<float>(Data, weight.Rows * Length));
            return;
        }

        NativeMemory.Clear(Data, (nuint)((long)Panels * Width * Length * sizeof(float)));
        for (int o = 0; o < weight.Rows; o++)
        {
            float* panel = Panel(o / Width) + (o % Width);
            ReadOnlySpan<float> row = weight.Row(o);
            for (int k = 0; k < row.Length; k++)
            {
                panel[(long)k * Width] = row[k];
            }
        }
    }

    /// <summary>Outputs in a panel.</summary>
    public static int Width => 2 * S.Count;

    /// <summary>The rows [out, taps * in] themselves, not panels.</summary>
    public bool IsRows { get; }

    /// <summary>Number of panels.</summary>
    public int Panels { get; }

    /// <summary>Taps times inputs.</summary>
    public int Length { get; }

    /// <summary>The first number.</summary>
    public float* Data { get; }

    public float* Panel(int index) => Data + ((long)index * Width * Length);

    public override void Dispose() => _buffer.Dispose();
}
