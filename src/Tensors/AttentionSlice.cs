namespace Inference.Tensors;

/// <summary>
/// One sequence's share of a ragged batch: rows [FirstRow, FirstRow + RowCount) are its tokens at positions
/// [FirstPosition, FirstPosition + RowCount). Token p's keys and values are in block BlockTable[p / blockLength],
/// at offset p % blockLength. A row attends to positions 0 to its own.
/// </summary>
/// <param name="FirstRow">First row in the batch.</param>
/// <param name="RowCount">Number of rows: 1 in decode, a chunk in prefill.</param>
/// <param name="FirstPosition">Position of the first row: the tokens already in the cache.</param>
/// <param name="BlockTable">Cache blocks in the order of positions; covers FirstPosition + RowCount tokens.</param>
public readonly record struct AttentionSlice(int FirstRow, int RowCount, int FirstPosition, ReadOnlyMemory<int> BlockTable);
