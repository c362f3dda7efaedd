namespace Inference.Tensors.Tests;

public class TensorRowsTests
{
    [Fact]
    public void A_Q8_0_block_is_a_half_and_32_signed_bytes()
    {
        using Tensor tensor = Tensor.Allocate(1, 32, DType.Q8_0);
        tensor.Bytes[1] = 0x38; // 0.5
        tensor.Bytes[2] = 3;
        tensor.Bytes[33] = 0xFF;
        float[] row = tensor.ReadRow(0);
        Assert.Equal(1.5f, row[0]);
        Assert.Equal(-0.5f, row[31]);
        Assert.Equal(0, row[1]);
    }

    [Fact]
    public void A_Q4_0_block_is_a_half_and_16_bytes_of_a_low_and_a_high_nibble()
    {
        using Tensor tensor = Tensor.Allocate(1, 32, DType.Q4_0);
        tensor.Bytes[1] = 0x40; // 2
        tensor.Bytes[2] = 0xF1;
        float[] row = tensor.ReadRow(0);
        Assert.Equal(2f * (1 - 8), row[0]);
        Assert.Equal(2f * (15 - 8), row[16]);
        Assert.Equal(2f * -8, row[1]);
    }

    [Fact]
    public void BF16_is_rounded_to_the_nearest_even()
    {
        using Tensor tensor = Tensor.Allocate(1, 4, DType.BF16);
        tensor.WriteRow(0, [1 + 0.00390625f, 1 + 0.01171875f, float.NaN, float.NegativeInfinity]);
        Assert.Equal([1f, 1.015625f, float.NaN, float.NegativeInfinity], tensor.ReadRow(0));
    }

    [Theory]
    [InlineData(DType.F16, 0.0005)]
    [InlineData(DType.BF16, 0.004)]
    [InlineData(DType.Q8_0, 0.02)]
    [InlineData(DType.Q4_0, 0.35)]
    [InlineData(DType.Q4_1, 0.2)]
    [InlineData(DType.Q5_0, 0.15)]
    [InlineData(DType.Q5_1, 0.1)]
    [InlineData(DType.Q4_K, 0.2)]
    [InlineData(DType.Q5_K, 0.1)]
    [InlineData(DType.Q6_K, 0.08)]
    public void A_row_written_is_read_back_within_the_rounding_of_its_format(DType type, double step)
    {
        Tensor tensor = Samples.Normal(1, 3, 512), back = tensor.ConvertTo(type).ConvertTo(DType.F32);
        Backends.Close(tensor, back, step, type.ToString());
    }

    [Fact]
    public void Numbers_that_a_format_can_hold_are_kept_exactly()
    {
        float[] values = [.. Enumerable.Range(0, 32).Select(i => (i % 16) - 8f)];
        foreach (DType type in new[] { DType.F16, DType.BF16, DType.Q4_0 })
        {
            Assert.Equal(values, Tensor.From(1, 32, values).ConvertTo(type).ReadRow(0));
        }
    }

    [Fact]
    public void A_row_of_the_wrong_length_or_number_is_refused()
    {
        using Tensor tensor = Tensor.Allocate(2, 4);
        Assert.Contains("4", Assert.Throws<ArgumentException>(() => tensor.WriteRow(0, [1, 2, 3])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadRow(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadRow(-1));
    }
}
