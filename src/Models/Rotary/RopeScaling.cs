namespace Inference.Models.Rotary;

/// <summary>How a checkpoint stretches its rotary embedding beyond the context that it was trained on first. A variant is a file beside this.</summary>
public abstract record RopeScaling
{
    /// <summary>Factor of all cosines and sines: the scores of the attention get its square.</summary>
    /// <param name="contextLength">Positions that the model is served with.</param>
    public virtual double Magnitude(int contextLength) => 1;

    /// <summary>Radians a position of each pair of elements.</summary>
    /// <param name="plain">The radians without scaling: theta^(-2i / dimension).</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="contextLength">Positions that the model is served with.</param>
    public abstract double[] Frequencies(double[] plain, double theta, int contextLength);

    /// <summary>The same for one position, where the position matters; null: <see cref="Frequencies"/> holds.</summary>
    public virtual double[]? FrequenciesAt(int position, double[] plain, double theta) => null;

    /// <summary>What is out of range, or null.</summary>
    /// <param name="dimension">Elements of a head that are rotated.</param>
    internal abstract string? Problem(int dimension);
}
