namespace Inference.Models.Weights;

/// <summary>Where a GGUF file has a matrix or vector.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Expert">The expert, where the tensor has those of a layer stacked, [experts, outputs, inputs]; else null.</param>
internal sealed record GgufTensorName(string Name, int? Expert = null);
