namespace Inference.Tensors.Tests;

public class TensorTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(3, 5)]
    [InlineData(1000, 1000)]
    public void An_allocated_tensor_is_zero_and_aligned_to_a_cache_line(int rows, int columns)
    {
        using Tensor tensor = Tensor.Allocate(rows, columns);

        Assert.Equal(0, tensor.Data % 64);
        Assert.Equal(-1, tensor.Span.IndexOfAnyExcept(0f));
    }

    [Fact]
    public void A_large_tensor_takes_memory_only_where_it_is_written()
    {
        long before = Environment.WorkingSet;
        using Tensor tensor = Tensor.Allocate(1 << 18, 1 << 10);
        tensor.Row(1 << 17).Fill(1);

        Assert.InRange(Environment.WorkingSet - before, long.MinValue, tensor.ByteLength / 4);
        Assert.Equal(0, tensor.Row((1 << 17) + 1)[0]);
    }
}
