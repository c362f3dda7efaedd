namespace Inference.Models.Architectures;

/// <summary>Shape of a duration predictor: the stochastic one, of spline flows, or the plain one of two convolutions.</summary>
public sealed record VitsDurationConfig
{
    /// <summary>Spline flows over noise; otherwise two convolutions.</summary>
    public required bool IsStochastic { get; init; }

    /// <summary>Taps of the convolutions.</summary>
    public required int Taps { get; init; }

    /// <summary>Channels of the plain predictor's convolutions.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Spline flows, the one that is left out in synthesis included.</summary>
    public int Flows { get; init; } = 4;

    /// <summary>Layers of a stack of depth-separable convolutions.</summary>
    public int SeparableLayers { get; init; } = 3;

    /// <summary>Bins of a spline.</summary>
    public int Bins { get; init; } = 10;

    /// <summary>Splines change numbers between minus this and this; the others pass.</summary>
    public float TailBound { get; init; } = 5;
}
