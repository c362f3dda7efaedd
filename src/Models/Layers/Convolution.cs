using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// A convolution over time that keeps the number of rows: (taps - 1) * dilation / 2 rows of zeros before the first row, the rest
/// after the last. For inference.
/// </summary>
public sealed class Convolution : IDisposable
{
    private readonly IBackend _backend;
    private readonly PreparedConvolution _weight;
    private readonly Tensor? _bias;
    private readonly int _dilation;

    /// <summary>Copies the weight [out, taps * in], the taps outermost; bias [1, out] or null is the caller's.</summary>
    public Convolution(IBackend backend, Tensor weight, Tensor? bias, int taps, int dilation = 1)
    {
        _backend = backend;
        _weight = backend.PrepareConvolution(weight, taps);
        (_bias, _dilation) = (bias, dilation);
    }

    /// <summary>The bias [1, out], or null.</summary>
    public Tensor? Bias => _bias;

    /// <summary>From a checkpoint's weight [out, in, taps].</summary>
    public static Convolution FromCheckpoint(IBackend backend, ReadOnlySpan<float> weight, Tensor? bias, int outputs, int inputs, int taps, int dilation = 1)
    {
        using Tensor arranged = Tensor.Allocate(outputs, taps * inputs);
        for (int o = 0; o < outputs; o++)
        {
            Span<float> row = arranged.Row(o);
            for (int i = 0; i < inputs; i++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    row[(tap * inputs) + i] = weight[(((o * inputs) + i) * taps) + tap];
                }
            }
        }

        return new Convolution(backend, arranged, bias, taps, dilation);
    }

    /// <summary>x [T, in] to y [T, out].</summary>
    public void Forward(Tensor x, Tensor y) => Run(x, _bias, y, accumulate: false);

    /// <summary>The same with another bias [1, out].</summary>
    public void Forward(Tensor x, Tensor bias, Tensor y) => Run(x, bias, y, accumulate: false);

    /// <summary>y += the convolution of x.</summary>
    public void Add(Tensor x, Tensor y) => Run(x, _bias, y, accumulate: true);

    /// <inheritdoc/>
    public void Dispose() => _weight.Dispose();

    private void Run(Tensor x, Tensor? bias, Tensor y, bool accumulate) =>
        _backend.Convolution(x, _weight, bias, new ConvolutionOptions(_dilation, (_weight.Taps - 1) * _dilation / 2, Accumulate: accumulate), y);
}
