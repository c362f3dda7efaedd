using Inference.Tensors;

namespace Inference.Models.Tests.Layers;

/// <summary>Compares gradients with central finite differences of loss = sum(forward() * weights).</summary>
internal static class GradientCheck
{
    private const float Step = 1e-2f;

    /// <summary>A tensor of fixed numbers in [-1, 1].</summary>
    public static Tensor Random(int rows, int columns, int seed)
    {
        Random random = new(seed);
        return Tensor.From(rows, columns, [.. Enumerable.Range(0, rows * columns).Select(_ => (random.NextSingle() * 2) - 1)]);
    }

    /// <summary>Every element of <paramref name="gradient"/> is the slope of <paramref name="loss"/> in that element of <paramref name="x"/>.</summary>
    public static void Agrees(Tensor x, Tensor gradient, Func<double> loss)
    {
        float[] expected = new float[gradient.Span.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            float old = x.Span[i];
            x.Span[i] = old + Step;
            double above = loss();
            x.Span[i] = old - Step;
            double below = loss();
            x.Span[i] = old;
            expected[i] = (float)((above - below) / (2 * Step));
        }

        Assert.Contains(expected, e => Math.Abs(e) > 1e-3);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - gradient.Span[i]) < 2e-3 + (1e-2 * Math.Abs(expected[i])),
                $"element {i} of {x}: finite difference {expected[i]}, gradient {gradient.Span[i]}");
        }
    }

    /// <summary>Sum of the products of all elements.</summary>
    public static double Dot(Tensor a, Tensor b)
    {
        double sum = 0;
        for (int i = 0; i < a.Span.Length; i++)
        {
            sum += (double)a.Span[i] * b.Span[i];
        }

        return sum;
    }
}
