namespace Inference.Models.Weights;

/// <summary>An operation of an ONNX graph.</summary>
/// <param name="Name">Its name, often empty.</param>
/// <param name="Operator">"Conv".</param>
/// <param name="Inputs">Names of values; empty where an optional one is left out.</param>
/// <param name="Outputs">Names of values.</param>
/// <param name="Integers">Attributes that are integers or lists of them.</param>
public sealed record OnnxNode(
    string Name, string Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, long[]> Integers);
