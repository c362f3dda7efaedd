namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Rows of one slice with the query heads of one key/value head, over blocks [FirstBlock, LastBlock) of positions.
/// </summary>
/// <param name="Rows">The rows.</param>
/// <param name="KvHead">The key/value head.</param>
/// <param name="FirstBlock">First block of positions.</param>
/// <param name="LastBlock">The block after the last.</param>
/// <param name="Part">Where in the parts of split rows the result goes, in floats; -1: it is whole and goes to y.</param>
internal readonly record struct AttentionTask(AttentionSlice Rows, int KvHead, int FirstBlock, int LastBlock, long Part = -1);
