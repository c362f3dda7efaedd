using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// A transposed convolution over time that makes stride rows of each: (taps - stride) / 2 rows are cut off at both ends. Row
/// m * stride + phase of the result sees taps / stride rows of the input around m, with the taps of its phase: it is `stride`
/// convolutions side by side, which read the input from one of two places. For inference.
/// </summary>
public sealed class TransposedConvolution : IDisposable
{
    private readonly IBackend _backend;
    private readonly List<(PreparedConvolution Weight, Tensor Bias, int Left, int Column)> _parts = [];
    private readonly int _stride, _outputs;

    /// <summary>Arranges a checkpoint's weight [in, out, taps] and bias [out].</summary>
    /// <exception cref="ArgumentException">There are fewer taps than the stride, or the difference is odd.</exception>
    public TransposedConvolution(IBackend backend, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int inputs, int outputs, int taps, int stride)
    {
        if (taps < stride || (taps - stride) % 2 != 0)
        {
            throw new ArgumentException($"{taps} taps are not {stride} and an even number more", nameof(taps));
        }

        (_backend, _stride, _outputs) = (backend, stride, outputs);
        int cut = (taps - stride) / 2, seen = (taps + stride - 1) / stride;
        for (int first = 0; first < stride;)
        {
            // Phases with the same quotient begin at the same row of the input.
            int quotient = (first + cut) / stride, count = Math.Min(stride, ((quotient + 1) * stride) - cut) - first;
            using Tensor arranged = Tensor.Allocate(count * outputs, seen * inputs);
            Tensor repeated = Tensor.Allocate(1, count * outputs);
            for (int phase = 0; phase < count; phase++)
            {
                bias.CopyTo(repeated.Span[(phase * outputs)..]);
                for (int place = 0; place < seen; place++)
                {
                    // The earliest row meets the last tap.
                    int tap = ((first + phase + cut) % stride) + ((seen - 1 - place) * stride);
                    for (int o = 0; tap < taps && o < outputs; o++)
                    {
                        Span<float> row = arranged.Row((phase * outputs) + o).Slice(place * inputs, inputs);
                        for (int i = 0; i < inputs; i++)
                        {
                            row[i] = weight[(((i * outputs) + o) * taps) + tap];
                        }
                    }
                }
            }

            _parts.Add((backend.PrepareConvolution(arranged, seen), backend.Place(repeated), seen - 1 - quotient, first * outputs));
            first += count;
        }
    }

    /// <summary>x [T, in] to y [T * stride, out].</summary>
    public void Forward(Tensor x, Tensor y)
    {
        Tensor phases = y.Reshape(x.Rows, _stride * _outputs);
        foreach ((PreparedConvolution weight, Tensor bias, int left, int column) in _parts)
        {
            _backend.Convolution(x, weight, bias, new ConvolutionOptions(1, left, column), phases);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.ForEach(part =>
    {
        part.Weight.Dispose();
        part.Bias.Dispose();
    });
}
