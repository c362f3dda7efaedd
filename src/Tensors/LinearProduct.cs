namespace Inference.Tensors;

/// <summary>One of several products that are made together: y[i] = x w.Parts[i]ᵀ (+ bias[i]).</summary>
/// <param name="X">[T, in].</param>
/// <param name="W">Weights [out of part i, in].</param>
/// <param name="Bias">By part [1, out of part i] in F32, or null; empty for none at all.</param>
/// <param name="Y">By part, [T, out of part i].</param>
public readonly record struct LinearProduct(Tensor X, PreparedWeight W, Tensor?[] Bias, Tensor[] Y);
