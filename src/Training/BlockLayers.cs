namespace Inference.Training;

/// <summary>The layers of one block: x + attention(norm(x)), then + feed-forward(norm(.)).</summary>
internal sealed record BlockLayers
{
    public required TrainableNorm InputNorm { get; init; }

    public required TrainableLinear Query { get; init; }

    public required TrainableLinear Key { get; init; }

    public required TrainableLinear Value { get; init; }

    /// <summary>Norm of the queries before their rotation, or null.</summary>
    public TrainableNorm? QueryNorm { get; init; }

    /// <summary>Norm of the keys before their rotation, or null.</summary>
    public TrainableNorm? KeyNorm { get; init; }

    /// <summary>Queries and keys are rotated.</summary>
    public bool Rotates { get; init; } = true;

    public required TrainableLinear Output { get; init; }

    public required TrainableNorm MiddleNorm { get; init; }

    public required TrainableLinear Gate { get; init; }

    public required TrainableLinear Up { get; init; }

    public required TrainableLinear Down { get; init; }
}
