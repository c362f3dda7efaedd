using Inference.Models.Layers;
using Inference.Models.Rotary;
using Inference.Tensors;
using Inference.Tensors.Reference;

namespace Inference.Models.Tests.Rotary;

/// <summary>Numbers computed by hand from the published formulas; llama.cpp's golden vectors judge what it has too.</summary>
public sealed class RopeScalingTests
{
    [Fact]
    public void Linear_scaling_divides_all_frequencies() =>
        AssertClose([0.25, 0.025, 0.0025, 0.00025], new RotaryAngles(8, 10_000, new LinearRopeScaling(4)).Frequencies);

    [Fact]
    public void Dynamic_scaling_leaves_the_original_context_alone_and_raises_the_base_beyond()
    {
        // Dimension 4, theta 100: frequencies 1 and 100^(-1/2) = 0.1. At length 20, twice the original 10, with factor 3:
        // theta * (3 * 20 / 10 - 2)^(4 / 2) = 100 * 16 = 1600, and 1600^(-1/2) = 0.025.
        RotaryAngles angles = new(4, 100, new DynamicRopeScaling(3, 10));

        Assert.Equal([9, 0.9], Angles(angles, 9), Close);
        Assert.Equal([19, 19 * 0.025], Angles(angles, 19), Close);
    }

    [Fact]
    public void Yarn_keeps_fast_pairs_divides_slow_ones_and_ramps_between()
    {
        // Dimension 8, theta 10000, original context 256 pi: pair(turns) = 8 ln(128 / turns) / (2 ln 10000). For 32 turns 0.60,
        // rounded down to 0; for 0.5 turns 2.41, rounded up to 3. Pair i is divided by 2 to the share i / 3.
        YarnRopeScaling yarn = new(2, 804, BetaFast: 32, BetaSlow: 0.5f);

        AssertClose([1, 0.1 * (1 - (1 / 6.0)), 0.01 * (1 - (2 / 6.0)), 0.001 / 2], new RotaryAngles(8, 10_000, yarn).Frequencies);
        Assert.Equal((0.1 * Math.Log(2)) + 1, yarn.Magnitude(0), Close);
        Assert.Equal(1.5, (yarn with { AttentionFactor = 1.5f }).Magnitude(0));
    }

    [Fact]
    public void Longrope_chooses_its_divisors_by_the_context_that_is_served()
    {
        LongRopeScaling scaling = new([1, 2], [4, 5], 100, 1.25f);

        AssertClose([1, 0.05], new RotaryAngles(4, 100, scaling, contextLength: 100).Frequencies);
        AssertClose([0.25, 0.02], new RotaryAngles(4, 100, scaling, contextLength: 101).Frequencies);
        Assert.Equal((float)Math.Sqrt(1 + (Math.Log(32) / Math.Log(4096))), LongRopeScaling.DefaultMagnitude(131_072, 4096));
        Assert.Equal(1, LongRopeScaling.DefaultMagnitude(4096, 4096));
    }

    [Fact]
    public void The_magnitude_is_a_factor_of_cosines_and_sines()
    {
        RotaryAngles angles = new(4, 100, new LongRopeScaling([1, 1], [1, 1], 100, 1.25f));
        using ReferenceBackend backend = new();
        using RotaryEmbedding rotary = new(backend, 3, 4, angles);

        Assert.Equal(1.25f, rotary.Cos.Row(0)[0]);
        Assert.Equal((float)(1.25 * Math.Sin(0.2)), rotary.Sin.Row(2)[1]);
    }

    [Fact]
    public void Partial_rotation_turns_the_first_elements_of_each_head_and_leaves_the_rest()
    {
        using ReferenceBackend backend = new();
        using RotaryEmbedding rotary = new(backend, 2, 6, new RotaryAngles(4, 100));
        using Tensor x = Tensor.From(1, 12, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

        rotary.Forward(backend, x, [1]);

        (float c, float s) = ((float)Math.Cos(1), (float)Math.Sin(1));
        (float slowC, float slowS) = ((float)Math.Cos(0.1), (float)Math.Sin(0.1));
        float[] expected =
        [
            (1 * c) - (3 * s), (2 * slowC) - (4 * slowS), (1 * s) + (3 * c), (2 * slowS) + (4 * slowC), 5, 6,
            (7 * c) - (9 * s), (8 * slowC) - (10 * slowS), (7 * s) + (9 * c), (8 * slowS) + (10 * slowC), 11, 12,
        ];
        Assert.Equal(expected, x.Span.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Scalings_that_do_not_fit_are_refused_with_their_numbers()
    {
        Assert.Contains("2 short and 1 long rotary factors, not 4", Refusal(new LongRopeScaling([1, 1], [1], 100, 1)));
        Assert.Contains("4 rotary factors", Refusal(new FactorRopeScaling([1, 0, 1, 1])));
        Assert.Contains("factor 0", Refusal(new LinearRopeScaling(0)));
        Assert.Contains("factor 0.5 must be at least 1", Refusal(new DynamicRopeScaling(0.5f, 10)));
        Assert.Contains("BetaFast = 1", Refusal(new YarnRopeScaling(2, 10, BetaFast: 1, BetaSlow: 1)));
    }

    private static string Refusal(RopeScaling scaling) => Assert.Throws<ArgumentException>(() => new RotaryAngles(8, 100, scaling)).Message;

    /// <summary>The angles of a position, where they are below half a turn or known to be right but for whole turns.</summary>
    private static double[] Angles(RotaryAngles angles, int position)
    {
        float[] cos = new float[angles.Pairs], sin = new float[angles.Pairs];
        angles.Fill(position, cos, sin);
        double first = Math.Atan2(sin[0], cos[0]);
        return [first + (2 * Math.PI * Math.Round((position - first) / (2 * Math.PI))), .. cos[1..].Zip(sin[1..], (c, s) => Math.Atan2(s, c))];
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-6;

    private static void AssertClose(double[] expected, IReadOnlyList<double> frequencies) => Assert.Equal(expected, frequencies, (a, b) => Math.Abs(a - b) < 1e-9);
}
