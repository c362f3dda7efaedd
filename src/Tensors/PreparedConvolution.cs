namespace Inference.Tensors;

/// <summary>
/// The weight of a convolution over time, as a backend multiplies it fastest: see <see cref="IBackend.PrepareConvolution"/>. It
/// holds a copy of its own; the backend that prepared it is the one to use it.
/// </summary>
public abstract class PreparedConvolution : IDisposable
{
    /// <summary>Checks the shape.</summary>
    /// <param name="weight">[out, taps * in] in F32, the taps outermost.</param>
    /// <param name="taps">Rows of the input that a row of the output sees; at least 1.</param>
    /// <exception cref="ArgumentException">The columns do not divide into taps, or there are none.</exception>
    protected PreparedConvolution(Tensor weight, int taps)
    {
        Require.Float(weight);
        ArgumentOutOfRangeException.ThrowIfLessThan(taps, 1);
        if (weight.Rows == 0 || weight.Columns == 0 || weight.Columns % taps != 0)
        {
            throw new ArgumentException($"weight must be F32[out, {taps} * in], not {weight}", nameof(weight));
        }

        (Outputs, Inputs, Taps) = (weight.Rows, weight.Columns / taps, taps);
    }

    /// <summary>Channels of the result.</summary>
    public int Outputs { get; }

    /// <summary>Channels of the input.</summary>
    public int Inputs { get; }

    /// <summary>Rows of the input that a row of the result sees.</summary>
    public int Taps { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
