using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// The tokens of one step, of any number of sequences, prefill chunks and decode tokens alike.
/// Row t is token TokenIds[t] at Positions[t], whose keys and values go to cache slot Slots[t].
/// </summary>
public sealed class ForwardBatch
{
    /// <summary>Token ids by row.</summary>
    public required int[] TokenIds { get; init; }

    /// <summary>Position in its sequence, by row.</summary>
    public required int[] Positions { get; init; }

    /// <summary>Cache slot (block * blockLength + offset), by row.</summary>
    public required int[] Slots { get; init; }

    /// <summary>The sequences: consecutive rows that cover the batch.</summary>
    public required AttentionSlice[] Slices { get; init; }

    /// <summary>Rows whose logits are wanted, ascending.</summary>
    public required int[] LogitRows { get; init; }

    /// <summary>The indices that operations read.</summary>
    internal StepInputs Inputs => new(TokenIds, Positions, Slots, Slices, LogitRows);

    /// <summary>The rows that adapters change, each adapter once; the others are the base's.</summary>
    public IReadOnlyList<AdapterRows> Adapters { get; init; } = [];
}
