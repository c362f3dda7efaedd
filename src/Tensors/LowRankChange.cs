namespace Inference.Tensors;

/// <summary>The change of some rows of a product: what one adapter makes of them.</summary>
/// <param name="Rows">Rows of the product's X and Y, each once.</param>
/// <param name="Parts">By part of the product's weight: the change of that part's Y (<see cref="LowRankProduct"/>).</param>
public readonly record struct LowRankChange(int[] Rows, LowRankParts Parts)
{
    /// <summary>The same for each part by itself.</summary>
    internal static LowRankProduct[] Products(LinearProduct product, ReadOnlySpan<LowRankChange> changes)
    {
        List<LowRankProduct> products = [];
        foreach (LowRankChange change in changes)
        {
            for (int i = 0; i < change.Parts.Weights.Length; i++)
            {
                if (change.Parts.Weights[i] is { } weight)
                {
                    products.Add(new LowRankProduct(product.X, change.Rows, weight, product.Bias.Length == 0 ? null : product.Bias[i], product.Y[i]));
                }
            }
        }

        return [.. products];
    }
}
