namespace Inference.Models.Architectures;

/// <summary>A tensor that an architecture needs.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Shape">[outputs, inputs] of a matrix, [length] of a vector.</param>
public sealed record TensorShape(string Name, params int[] Shape);
