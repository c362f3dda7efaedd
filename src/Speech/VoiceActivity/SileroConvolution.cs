using Inference.Tensors;

namespace Inference.Speech.VoiceActivity;

/// <summary>A convolution over time of kernel 3 with a zero on each side, and ReLU, as one product.</summary>
internal sealed class SileroConvolution(PreparedWeight weight, Tensor bias, int inputs, int outputs, int steps, int stride) : IDisposable
{
    public const int Kernel = 3;

    private readonly Tensor _columns = Tensor.Allocate(((steps - 1) / stride) + 1, inputs * Kernel);
    private readonly Tensor _y = Tensor.Allocate(((steps - 1) / stride) + 1, outputs);

    /// <param name="backend">Does the product.</param>
    /// <param name="x">[steps, inputs].</param>
    /// <returns>[steps / stride, rounded up, outputs]; valid until the next call.</returns>
    public Tensor Run(IBackend backend, Tensor x)
    {
        for (int t = 0; t < _columns.Rows; t++)
        {
            Span<float> column = _columns.Row(t);
            for (int k = 0; k < Kernel; k++)
            {
                int at = (t * stride) + k - 1;
                for (int i = 0; i < inputs; i++)
                {
                    column[(i * Kernel) + k] = at >= 0 && at < steps ? x.Row(at)[i] : 0;
                }
            }
        }

        backend.Linear(_columns, weight, bias, _y);
        foreach (ref float value in _y.Span)
        {
            value = MathF.Max(0, value);
        }

        return _y;
    }

    public void Dispose()
    {
        _columns.Dispose();
        _y.Dispose();
    }
}
