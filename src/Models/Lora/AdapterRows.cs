namespace Inference.Models.Lora;

/// <summary>The rows of a step that an adapter changes.</summary>
/// <param name="Weights">The adapter, bound to the model that runs the step.</param>
/// <param name="Rows">Rows of the batch, ascending. A row has one adapter at most.</param>
public sealed record AdapterRows(AdapterWeights Weights, int[] Rows);
