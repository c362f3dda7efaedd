namespace Inference.Models;

/// <summary>Sets every element of a row of a tensor.</summary>
/// <param name="name">Hugging Face's name of the tensor.</param>
/// <param name="row">The output of a matrix; 0 for a vector.</param>
/// <param name="values">The row: the inputs of a matrix, or the whole vector.</param>
public delegate void FillTensorRow(string name, int row, Span<float> values);
