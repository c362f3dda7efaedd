using Inference.Models.Layers;
using Inference.Models.Rotary;
using Inference.Tensors.Reference;

namespace Inference.Models.Tests.Layers;

public sealed class RotaryEmbeddingTests
{
    [Fact]
    public void Angles_are_the_position_times_a_power_of_theta()
    {
        using ReferenceBackend backend = new();
        using RotaryEmbedding rotary = new(backend, 10, 4, 10_000);

        Assert.Equal((float)Math.Cos(7), rotary.Cos.Row(7)[0]);
        Assert.Equal((float)Math.Sin(7 * 0.01), rotary.Sin.Row(7)[1], 1e-7f);
    }

    [Fact]
    public void Llama_3_scaling_keeps_short_wavelengths_divides_long_ones_and_interpolates_between()
    {
        Llama3RopeScaling scaling = new(8, 1, 4, 8192);

        IReadOnlyList<double> plain = new RotaryAngles(128, 500_000).Frequencies, scaled = new RotaryAngles(128, 500_000, scaling).Frequencies;

        Assert.Equal(1, scaled[0]);
        Assert.Equal(plain[^1] / 8, scaled[^1], 1e-15);
        Assert.Contains(Enumerable.Range(0, 64), i => scaled[i] < plain[i] * 0.99 && scaled[i] > plain[i] / 8 * 1.01);
        Assert.Equal(scaled.OrderDescending(), scaled);
    }

    [Fact]
    public void An_odd_head_dimension_is_refused_by_its_value()
    {
        using ReferenceBackend backend = new();
        Assert.Contains("5", Assert.Throws<ArgumentException>(() => new RotaryEmbedding(backend, 10, 5, 10_000)).Message);
    }
}
