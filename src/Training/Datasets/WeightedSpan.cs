namespace Inference.Training.Datasets;

/// <summary>Characters of a text whose tokens count in the loss.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">After the last.</param>
/// <param name="Weight">How much they count.</param>
internal readonly record struct WeightedSpan(int Start, int End, float Weight);
