using Inference.Generation.Sampling;

namespace Inference.Generation.Tests.Sampling;

public class PhiloxTests
{
    /// <summary>The known answers published with Random123 (kat_vectors, philox4x32 10).</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void The_blocks_are_those_of_the_paper(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint a, uint b, uint c, uint d) =>
        Assert.Equal((a, b, c, d), Philox.Block(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Numbers_are_uniform_and_differ_by_seed_answer_and_position()
    {
        int[] buckets = new int[20];
        for (int position = 0; position < 20_000; position++)
            buckets[(int)(Philox.Uniform(42, 0, position) * 20)]++;

        // Chi-square with 19 degrees of freedom: 43.8 is the 0.1 % point.
        Assert.True(buckets.Sum(b => (b - 1_000.0) * (b - 1_000.0) / 1_000) < 43.8);
        Assert.Equal(4, new[] { Philox.Bits(1, 0, 0), Philox.Bits(2, 0, 0), Philox.Bits(1, 1, 0), Philox.Bits(1, 0, 1) }.Distinct().Count());
    }
}
