namespace Inference.Tensors.Reference;

/// <content>Convolutions over time, and the activations between them.</content>
public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public PreparedConvolution PrepareConvolution(Tensor weight, int taps) => new StoredConvolution(weight, taps);

    /// <inheritdoc/>
    public void Convolution(Tensor x, PreparedConvolution w, Tensor? bias, ConvolutionOptions options, Tensor y)
    {
        OperationShapes.Convolution(x, w, bias, options, y);
        float[][] a = Read(x), b = ((StoredConvolution)w).Rows, old = Read(y);
        float[]? offset = bias?.ReadRow(0);
        for (int t = 0; t < y.Rows; t++)
        {
            for (int o = 0; o < w.Outputs; o++)
            {
                double sum = offset?[o] ?? 0;
                for (int tap = 0; tap < w.Taps; tap++)
                {
                    int row = t - options.Left + (tap * options.Dilation);
                    if (row >= 0 && row < x.Rows)
                    {
                        sum += Sum(w.Inputs, i => (double)a[row][i] * b[o][(tap * w.Inputs) + i]);
                    }
                }

                old[t][options.Column + o] = (float)(sum + (options.Accumulate ? old[t][options.Column + o] : 0));
            }

            y.WriteRow(t, old[t]);
        }
    }

    /// <inheritdoc/>
    public void LeakyRelu(Tensor x, float slope, Tensor y)
    {
        OperationShapes.LeakyRelu(x, slope, y);
        float[][] a = Read(x);
        Write(y, (row, column) => a[row][column] >= 0 ? a[row][column] : (double)slope * a[row][column]);
    }

    /// <inheritdoc/>
    public void GatedTanh(Tensor x, Tensor y)
    {
        OperationShapes.GatedTanh(x, y);
        float[][] a = Read(x);
        Write(y, (row, column) => Math.Tanh(a[row][column]) / (1 + Math.Exp(-a[row][column + y.Columns])));
    }

    private sealed class StoredConvolution(Tensor weight, int taps) : PreparedConvolution(weight, taps)
    {
        public float[][] Rows { get; } = Read(weight);

        public override void Dispose()
        {
        }
    }
}
