using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>What an adapter adds to one linear layer: y += scale * (x Aᵀ) Bᵀ; with a magnitude the rows of the changed weight are then scaled to it.</summary>
/// <param name="Name">The layer, by Hugging Face's name without ".weight".</param>
/// <param name="A">[rank, in], in F32, F16 or BF16.</param>
/// <param name="B">[out, rank], in F32, F16 or BF16.</param>
/// <param name="Scale">The factor of B A.</param>
/// <param name="Magnitude">DoRA's [1, out], or null.</param>
public sealed record LoraModule(string Name, Tensor A, Tensor B, float Scale, Tensor? Magnitude = null)
{
    /// <summary>Rank of the change.</summary>
    public int Rank => A.Rows;
}
