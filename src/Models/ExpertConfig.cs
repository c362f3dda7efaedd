namespace Inference.Models;

/// <summary>A mixture of experts in place of the feed-forward layers.</summary>
/// <param name="Count">Experts in a layer.</param>
/// <param name="PerToken">Experts that each token goes to: those with the greatest probabilities.</param>
/// <param name="IntermediateSize">Width of an expert.</param>
/// <param name="NormalizeWeights">The probabilities of a token's experts are scaled to sum to 1.</param>
public sealed record ExpertConfig(int Count, int PerToken, int IntermediateSize, bool NormalizeWeights);
