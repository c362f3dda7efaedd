using Inference.Tensors;

namespace Inference.Training.Optimisation;

/// <summary>AdamW over a set of parameters, in F32. Norms (tensors of one row) are not decayed.</summary>
public sealed class AdamW(ParameterSet parameters, AdamWOptions options) : IDisposable
{
    /// <summary>First moments.</summary>
    public ParameterSet M { get; } = parameters.ZerosLike();

    /// <summary>Second moments.</summary>
    public ParameterSet V { get; } = parameters.ZerosLike();

    /// <summary>
    /// Updates the parameters; gradients are scaled by min(1, MaxGradientNorm / norm). <paramref name="step"/> counts from 1.
    /// Returns the norm of all gradients before clipping.
    /// </summary>
    public double Step(IBackend backend, ParameterSet gradients, float learningRate, int step)
    {
        double norm = Math.Sqrt(backend.SumOfSquares([.. gradients.Entries.Select(g => g.Value)]));
        float scale = norm > options.MaxGradientNorm ? (float)(options.MaxGradientNorm / norm) : 1;
        foreach ((string name, Tensor parameter) in parameters.Entries)
        {
            float decay = parameter.Rows == 1 ? 0 : options.WeightDecay;
            backend.AdamW(
                parameter, gradients[name], M[name], V[name], scale, learningRate, options.Beta1, options.Beta2, options.Epsilon, decay, step);
        }

        return norm;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        M.Dispose();
        V.Dispose();
    }
}
