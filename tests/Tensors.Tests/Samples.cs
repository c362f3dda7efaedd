namespace Inference.Tensors.Tests;

/// <summary>Seeded tensors.</summary>
internal static class Samples
{
    /// <summary>Normal numbers of standard deviation <paramref name="scale"/> (Box and Muller).</summary>
    public static Tensor Normal(int seed, int rows, int columns, float scale = 1, DType type = DType.F32)
    {
        Random random = new(seed);
        Tensor tensor = Tensor.Allocate(rows, columns);
        foreach (ref float value in tensor.Span)
        {
            value = (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return type == DType.F32 ? tensor : tensor.ConvertTo(type);
    }

    /// <summary>A destination that shows every element that is not written.</summary>
    public static Tensor Poisoned(int rows, int columns)
    {
        Tensor tensor = Tensor.Allocate(rows, columns);
        tensor.Span.Fill(float.NaN);
        return tensor;
    }

    public static int[] Indices(int seed, int count, int limit)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(limit))];
    }

    /// <summary>Cosines and sines of the rotary angles, base 10,000.</summary>
    public static (Tensor Cos, Tensor Sin) Angles(int positions, int headDimension)
    {
        Tensor cos = Tensor.Allocate(positions, headDimension / 2), sin = Tensor.Allocate(positions, headDimension / 2);
        for (int p = 0; p < positions; p++)
        {
            for (int i = 0; i < headDimension / 2; i++)
            {
                double angle = p * Math.Pow(10000, -2.0 * i / headDimension);
                cos.Row(p)[i] = (float)Math.Cos(angle);
                sin.Row(p)[i] = (float)Math.Sin(angle);
            }
        }

        return (cos, sin);
    }
}
