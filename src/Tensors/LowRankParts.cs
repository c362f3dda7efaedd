namespace Inference.Tensors;

/// <summary>The changes that an adapter makes of layers with the same input, which a backend multiplies as one: made once, read in every step.</summary>
public sealed unsafe class LowRankParts
{
    private readonly LowRankWeight?[] _weights;

    /// <summary>Keeps the changes, which stay the caller's.</summary>
    /// <param name="weights">By layer; null where it has no change. At least one is there, and all have the same inputs.</param>
    /// <exception cref="ArgumentException">There is none, or the inputs differ.</exception>
    public LowRankParts(params ReadOnlySpan<LowRankWeight?> weights)
    {
        _weights = weights.ToArray();
        LowRankWeight[] there = [.. _weights.OfType<LowRankWeight>()];
        First = there.FirstOrDefault() ?? throw new ArgumentException("there is no change", nameof(weights));
        if (there.Any(weight => weight.Inputs != First.Inputs))
        {
            throw new ArgumentException($"the changes have {string.Join(", ", there.Select(weight => weight.Inputs))} inputs", nameof(weights));
        }

        Inputs = First.Inputs;
        Outputs = Array.ConvertAll(_weights, weight => weight?.Outputs ?? 0);
        Type = there.All(weight => weight.Type == First.Type) ? First.Type : null;
        IsPlaced = there.Any(weight => weight.Packed != weight);
        NarrowBytes = there.Sum(weight => weight.NarrowBytes);
        Data = First.Data;
        DataBytes = there.Sum(weight => weight.DataBytes);
    }

    /// <summary>By layer; null where it has no change.</summary>
    public ReadOnlySpan<LowRankWeight?> Weights => _weights;

    /// <summary>Columns of the layers.</summary>
    public int Inputs { get; }

    /// <summary>By layer the outputs of its change, or 0.</summary>
    internal int[] Outputs { get; }

    /// <summary>The first change that there is.</summary>
    internal LowRankWeight First { get; }

    /// <summary>Number format of all, or null where they differ.</summary>
    internal DType? Type { get; }

    /// <summary>One of them was placed on a backend whose memory the host does not reach.</summary>
    internal bool IsPlaced { get; }

    /// <summary>The sum of <see cref="LowRankWeight.NarrowBytes"/>.</summary>
    internal int NarrowBytes { get; }

    /// <summary>Where the first begins.</summary>
    internal byte* Data { get; }

    /// <summary>Bytes of all, which lie one behind the other where they were made so (<see cref="LowRankBlock"/>).</summary>
    internal long DataBytes { get; }
}
