namespace Inference.Tensors;

/// <summary>The change of some rows of a product: what one adapter makes of them.</summary>
/// <param name="Rows">Rows of the product's X and Y, each once.</param>
/// <param name="Parts">By part of the product's weight: the change of that part's Y (<see cref="LowRankProduct"/>).</param>
public readonly record struct LowRankChange(int[] Rows, LowRankParts Parts);
