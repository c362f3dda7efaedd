namespace Inference.Generation;

/// <summary>A stage that begins.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Fraction">Share of the loading done before it, 0 to 1.</param>
/// <param name="Detail">For people: what is read.</param>
public sealed record ModelLoadProgress(ModelLoadStage Stage, double Fraction, string Detail);
