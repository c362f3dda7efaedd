using Inference.Tensors;

namespace Inference.Training;

/// <summary>Initial values of parameters.</summary>
internal static class NormalTensor
{
    /// <summary>Normally distributed numbers (Box and Muller's method).</summary>
    public static Tensor Draw(Random random, int rows, int columns, double deviation)
    {
        Tensor tensor = Tensor.Allocate(rows, columns);
        Span<float> values = tensor.Span;
        for (int i = 0; i < values.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return tensor;
    }
}
