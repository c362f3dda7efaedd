namespace Inference.Training.Tests.FineTuning;

/// <summary>A number in double precision that knows what it was computed from: derivatives by the chain rule, one product at a time.</summary>
internal sealed class Scalar
{
    private readonly (Scalar From, double Slope)[] _inputs;
    private readonly long _order;
    private static long _made;

    private Scalar(double value, params (Scalar, double)[] inputs)
    {
        (Value, _inputs, _order) = (value, inputs, _made++);
    }

    public double Value { get; }

    /// <summary>The derivative of the result in this number, after <see cref="Differentiate"/>.</summary>
    public double Slope { get; private set; }

    public static implicit operator Scalar(double value) => new(value);

    public static Scalar operator +(Scalar a, Scalar b) => new(a.Value + b.Value, (a, 1), (b, 1));

    public static Scalar operator -(Scalar a, Scalar b) => new(a.Value - b.Value, (a, 1), (b, -1));

    public static Scalar operator *(Scalar a, Scalar b) => new(a.Value * b.Value, (a, b.Value), (b, a.Value));

    public static Scalar operator /(Scalar a, Scalar b) => new(a.Value / b.Value, (a, 1 / b.Value), (b, -a.Value / (b.Value * b.Value)));

    public static Scalar Exp(Scalar a) => new(Math.Exp(a.Value), (a, Math.Exp(a.Value)));

    public static Scalar Log(Scalar a) => new(Math.Log(a.Value), (a, 1 / a.Value));

    public static Scalar Sqrt(Scalar a) => new(Math.Sqrt(a.Value), (a, 0.5 / Math.Sqrt(a.Value)));

    public static Scalar Sum(IEnumerable<Scalar> terms)
    {
        Scalar[] all = [.. terms];
        return new Scalar(all.Sum(t => t.Value), [.. all.Select(t => (t, 1.0))]);
    }

    /// <summary>The same value, which counts as a constant.</summary>
    public Scalar Detach() => new(Value);

    /// <summary>Gives every number that this one was computed from its slope.</summary>
    public void Differentiate()
    {
        HashSet<Scalar> seen = [this];
        List<Scalar> all = [this];
        for (int i = 0; i < all.Count; i++)
        {
            foreach ((Scalar from, _) in all[i]._inputs)
            {
                if (seen.Add(from))
                {
                    all.Add(from);
                }
            }
        }

        Slope = 1;
        foreach (Scalar scalar in all.OrderByDescending(s => s._order))
        {
            foreach ((Scalar from, double slope) in scalar._inputs)
            {
                from.Slope += slope * scalar.Slope;
            }
        }
    }
}
