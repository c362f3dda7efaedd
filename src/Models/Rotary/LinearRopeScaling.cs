namespace Inference.Models.Rotary;

/// <summary>All frequencies divided by a factor: position interpolation (Chen et al., 2023; `rope_type: linear`).</summary>
/// <param name="Factor">Length of the extended context over that of the original.</param>
public sealed record LinearRopeScaling(float Factor) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double[] plain, double theta, int contextLength) => Array.ConvertAll(plain, f => f / Factor);

    internal override string? Problem(int dimension) => Factor is > 0 and < float.PositiveInfinity ? null : $"the factor {Factor} must be above 0";
}
