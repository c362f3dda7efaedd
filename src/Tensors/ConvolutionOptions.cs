namespace Inference.Tensors;

/// <summary>How a convolution reads and writes.</summary>
/// <param name="Dilation">Rows of x from one tap to the next; at least 1.</param>
/// <param name="Left">Row t of y begins at row t - Left of x; may be negative.</param>
/// <param name="Column">The first column of y that is written; those beside the result's stay as they are.</param>
/// <param name="Accumulate">Adds to what y holds.</param>
public readonly record struct ConvolutionOptions(int Dilation, int Left = 0, int Column = 0, bool Accumulate = false);
