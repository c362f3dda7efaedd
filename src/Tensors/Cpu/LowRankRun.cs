namespace Inference.Tensors.Cpu;

/// <summary>Changes of the same rows of the same x, all in one number format: x is rounded once for all of them.</summary>
/// <param name="X">[T, in].</param>
/// <param name="Rows">Rows of X and of each Y.</param>
/// <param name="Parts">The changes.</param>
/// <param name="Bias">By part, or empty.</param>
/// <param name="Y">By part.</param>
internal readonly record struct LowRankRun(Tensor X, int[] Rows, LowRankParts Parts, Tensor?[] Bias, Tensor[] Y)
{
    /// <summary>The change of a part that has one.</summary>
    public LowRankProduct Product(int part) => new(X, Rows, Parts.Weights[part]!, Bias.Length == 0 ? null : Bias[part], Y[part]);
}
