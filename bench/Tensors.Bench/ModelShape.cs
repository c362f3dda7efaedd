namespace Inference.Tensors.Bench;

/// <summary>The shape of a decoder of the Llama kind.</summary>
internal readonly record struct ModelShape(int Layers, int Hidden, int Intermediate, int Heads, int KvHeads, int HeadDimension, int Vocabulary);
