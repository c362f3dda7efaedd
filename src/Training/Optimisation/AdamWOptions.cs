namespace Inference.Training.Optimisation;

/// <summary>Constants of AdamW and of gradient clipping.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the first moment.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the second moment.</summary>
    public float Beta2 { get; init; } = 0.95f;

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Decoupled weight decay, times the learning rate at each step.</summary>
    public float WeightDecay { get; init; } = 0.1f;

    /// <summary>Greatest norm of all gradients together.</summary>
    public float MaxGradientNorm { get; init; } = 1;
}
