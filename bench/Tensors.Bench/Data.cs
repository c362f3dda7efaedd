namespace Inference.Tensors.Bench;

/// <summary>Tensors of uniform numbers.</summary>
internal static class Data
{
    public static Tensor Uniform(int rows, int columns, DType type = DType.F32)
    {
        Random random = new(1);
        Tensor tensor = Tensor.Allocate(rows, columns);
        foreach (ref float value in tensor.Span)
        {
            value = random.NextSingle() - 0.5f;
        }

        return type == DType.F32 ? tensor : tensor.ConvertTo(type);
    }
}
