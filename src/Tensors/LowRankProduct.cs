namespace Inference.Tensors;

/// <summary>The change of some rows of a product: y[t] += scale * (x[t] Aᵀ) Bᵀ for t in Rows, and factors as <see cref="LowRankWeight"/> says.</summary>
/// <param name="X">[T, in].</param>
/// <param name="Rows">Rows of X and Y, each once.</param>
/// <param name="W">The change.</param>
/// <param name="Bias">The layer's bias [1, out], which factors do not scale, or null.</param>
/// <param name="Y">[T, out], which has the product of the layer itself.</param>
public readonly record struct LowRankProduct(Tensor X, int[] Rows, LowRankWeight W, Tensor? Bias, Tensor Y);
