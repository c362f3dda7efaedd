using Inference.Training.Data;

namespace Inference.Training.Datasets;

/// <summary>A record's tokens.</summary>
/// <param name="Examples">One, or the chosen and the rejected one of a pair.</param>
/// <param name="LongestBeforeCut">Tokens of the longer one before truncation.</param>
/// <param name="IsCut">Whether one was truncated.</param>
/// <param name="TeachesEnd">Whether the last token that is learned ends the answer.</param>
public sealed record TokenizedRecord(IReadOnlyList<TrainingExample> Examples, int LongestBeforeCut, bool IsCut, bool TeachesEnd);
