namespace Inference.Tensors;

/// <summary>Some rows of a change, and where what lies between their halves is.</summary>
internal readonly record struct LowRankTask(int Change, int FirstRow, int Rows, int Offset);
