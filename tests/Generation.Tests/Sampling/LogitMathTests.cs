using Inference.Generation.Sampling;

namespace Inference.Generation.Tests.Sampling;

public class LogitMathTests
{
    public static TheoryData<int> Lengths => [1, 7, 8, 9, 31, 1023, 1024, 1025, 5000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Every_pass_agrees_with_the_plain_loop(int length)
    {
        float[] x = Noise(length, 3);
        float[] y = new float[length];
        LogitMath.Exp(x, 1.5f, 0.5f, y);

        Assert.Equal(x.Max(), LogitMath.Max(x));
        Assert.Equal(Array.IndexOf(x, x.Max()), LogitMath.ArgMax(x));
        for (int i = 0; i < length; i++)
            Assert.Equal(Math.Exp((x[i] - 1.5) * 0.5), y[i], 1e-5 * Math.Exp((x[i] - 1.5) * 0.5));
        float[] scaled = new float[length];
        LogitMath.Scale(x, 1.5f, 0.7f, scaled);
        Assert.Equal(x.Select(v => (v - 1.5f) / 0.7f), scaled);
        LogitMath.Nearness(x, 0.3f, scaled);
        Assert.Equal(x.Select(v => -MathF.Abs(v - 0.3f)), scaled);
        Assert.Equal(y.Where((_, i) => x[i] >= x[0]).Sum(v => (double)v), LogitMath.SumWhereAtLeast(y, x, x[0]), 1e-3);
        Assert.Equal(x.Sum(v => (double)v), LogitMath.Sum(x), 1e-3);
        Assert.Equal(Math.Log(x.Sum(v => Math.Exp(v))), LogitMath.LogSumExp(x, new float[length]), 1e-4);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_found_at_every_place(float value)
    {
        for (int i = 0; i < 19; i++)
        {
            float[] x = Noise(19, 1);
            Assert.Equal(x.Max(), LogitMath.MaxIfFinite(x));
            x[i] = value;
            Assert.True(float.IsNaN(LogitMath.MaxIfFinite(x)));
        }
    }

    [Fact]
    public void Greedy_ties_take_the_lowest_id()
    {
        float[] x = new float[100];
        x[17] = x[60] = 5;

        Assert.Equal(17, LogitMath.ArgMax(x));
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(1, 1)]
    [InlineData(100, 7)]
    [InlineData(5_000, 64)]
    [InlineData(5_000, 5_000)]
    [InlineData(9, 0)]
    public void The_best_are_those_of_a_full_sort(int length, int count)
    {
        Random random = new(length + count);
        float[] x = [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(-50, 50))];
        int[] best = new int[count];
        BestFirst.Select(x, best);

        Assert.Equal(Enumerable.Range(0, length).OrderByDescending(i => x[i]).ThenBy(i => i).Take(count), best);
    }

    [Fact]
    public void Ordered_integers_keep_the_order_of_floats_and_give_them_back()
    {
        float[] values = [float.NegativeInfinity, -3e38f, -1, -1e-45f, 0, 1e-45f, 1, 3e38f, float.PositiveInfinity];

        Assert.Equal(values.Select(BestFirst.Ordered).Order(), values.Select(BestFirst.Ordered));
        Assert.Equal(values, values.Select(v => BestFirst.Float(BestFirst.Ordered(v))));
    }

    internal static float[] Noise(int length, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 12) - 6))];
    }
}
