namespace Inference.Tensors.Cpu;

/// <summary>Changes of the same rows of the same x, all in one number format: x is rounded once for all of them.</summary>
/// <param name="X">[T, in].</param>
/// <param name="Rows">Rows of X and of each Y.</param>
/// <param name="Weights">By part; null where that has no change.</param>
/// <param name="Bias">By part, or empty.</param>
/// <param name="Y">By part.</param>
internal readonly record struct LowRankRun(Tensor X, int[] Rows, ReadOnlyMemory<LowRankWeight?> Weights, Tensor?[] Bias, Tensor[] Y)
{
    /// <summary>The first change.</summary>
    public LowRankWeight First
    {
        get
        {
            ReadOnlySpan<LowRankWeight?> weights = Weights.Span;
            int i = 0;
            while (weights[i] is null)
            {
                i++;
            }

            return weights[i]!;
        }
    }

    /// <summary>The change of a part that has one.</summary>
    public LowRankProduct Product(int part) => new(X, Rows, Weights.Span[part]!, Bias.Length == 0 ? null : Bias[part], Y[part]);
}
