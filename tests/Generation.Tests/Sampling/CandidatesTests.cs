using Inference.Generation.Sampling;

namespace Inference.Generation.Tests.Sampling;

/// <summary>Each filter against a plain one over sorted lists in double precision, and the draw against the probabilities.</summary>
public class CandidatesTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(300)]
    [InlineData(4_000)]
    public void Filters_alone_and_together_keep_what_the_reference_keeps(int vocabulary)
    {
        Random random = new(vocabulary);
        Candidates candidates = new(vocabulary);
        for (int trial = 0; trial < 60; trial++)
        {
            float[] logits = LogitMathTests.Noise(vocabulary, trial);
            float temperature = new[] { 0.3f, 1f, 2f }[trial % 3];
            int k = random.Next(3) == 0 ? random.Next(1, vocabulary) : 0;
            float typical = random.Next(3) == 0 ? 0.1f + (0.8f * random.NextSingle()) : 1;
            float p = random.Next(2) == 0 ? 0.05f + (0.94f * random.NextSingle()) : 1;
            float minP = random.Next(2) == 0 ? random.NextSingle() : 0;

            if (k > 0)
                candidates.ResetToBest(logits, logits.Max(), temperature, k);
            else
                candidates.Reset(logits, logits.Max(), temperature);
            candidates.KeepTypical(typical);
            candidates.KeepTopP(p);
            candidates.KeepMinP(minP);

            Assert.Equal(Reference(logits, temperature, k, typical, p, minP).Order(), candidates.Ids.Order());
        }
    }

    [Fact]
    public void One_token_always_stays()
    {
        Candidates candidates = new(50);
        float[] logits = LogitMathTests.Noise(50, 1);
        candidates.Reset(logits, logits.Max(), 1e-6f);
        candidates.KeepTypical(1e-6f);
        candidates.KeepTopP(1e-6f);
        candidates.KeepMinP(1);

        Assert.Equal(1, candidates.Count);
    }

    [Theory]
    [InlineData(1f, 0, 1f, 1f, 0f)]
    [InlineData(0.7f, 0, 1f, 1f, 0f)]
    [InlineData(1f, 6, 1f, 1f, 0f)]
    [InlineData(1f, 0, 0.6f, 1f, 0f)]
    [InlineData(1f, 0, 1f, 0.8f, 0f)]
    [InlineData(1f, 0, 1f, 1f, 0.2f)]
    [InlineData(1.3f, 9, 0.9f, 0.9f, 0.1f)]
    public void Draws_are_distributed_as_the_probabilities(float temperature, int k, float typical, float p, float minP)
    {
        const int Draws = 20_000;
        float[] logits = [.. LogitMathTests.Noise(12, 4).Select(x => x / 3)];
        SamplingParameters parameters = new() { Temperature = temperature, TopK = k, TypicalP = typical, TopP = p, MinP = minP };
        int[] counts = new int[12];
        SamplingScratch scratch = new(12);
        TokenSampler sampler = new(parameters, 99, 0, [], []);
        for (int i = 0; i < Draws; i++)
            counts[sampler.Next(logits, scratch).TokenId]++;

        int[] kept = [.. Reference(logits, temperature, k, typical, p, minP)];
        double[] weights = [.. kept.Select(i => Math.Exp(logits[i] / temperature))];
        double chiSquare = kept.Select((id, i) => (Expected: Draws * weights[i] / weights.Sum(), Count: counts[id]))
            .Sum(x => (x.Count - x.Expected) * (x.Count - x.Expected) / x.Expected);
        Assert.Equal(Draws, kept.Sum(i => counts[i]));

        // The 0.1 % point of chi-square with 11 degrees of freedom is 31.3; fewer degrees have lower ones.
        Assert.True(chiSquare < 31.3, $"chi-square {chiSquare}");
    }

    [Fact]
    public void The_draw_is_the_inverse_of_the_distribution_in_a_wide_vocabulary()
    {
        float[] logits = LogitMathTests.Noise(5_000, 8);
        double[] weights = [.. logits.Select(l => Math.Exp(l))];
        double total = weights.Sum();
        Candidates candidates = new(5_000);
        for (int i = 0; i < 200; i++)
        {
            double uniform = Philox.Uniform(5, 0, i);
            candidates.Reset(logits, logits.Max(), 1);
            int token = candidates.Draw(uniform);
            double before = weights.Take(token).Sum() / total;
            Assert.InRange(uniform, before - 1e-5, before + (weights[token] / total) + 1e-5);
        }
    }

    private static IEnumerable<int> Reference(float[] logits, float temperature, int k, float typical, float p, float minP)
    {
        List<(int Id, double Logit)> left = [.. logits.Select((l, i) => (i, (double)l / temperature)).OrderByDescending(c => c.Item2)];
        if (k > 0)
            left = [.. left.Take(k)];
        if (typical < 1)
        {
            double[] probabilities = Softmax(left);
            double entropy = -probabilities.Sum(q => q * Math.Log(q));
            left = Mass([.. left.Zip(probabilities).OrderBy(c => Math.Abs(-Math.Log(c.Second) - entropy))], typical);
        }

        left = [.. left.OrderByDescending(c => c.Logit)];
        if (p < 1)
            left = Mass([.. left.Zip(Softmax(left))], p);
        return left.Where(c => Math.Exp(c.Logit - left[0].Logit) >= minP).Select(c => c.Id);
    }

    private static List<(int Id, double Logit)> Mass(List<((int, double) Token, double Probability)> ordered, double share)
    {
        List<(int, double)> kept = [];
        double mass = 0;
        foreach (((int, double) token, double probability) in ordered)
        {
            kept.Add(token);
            mass += probability;
            if (mass >= share)
                break;
        }

        return kept;
    }

    private static double[] Softmax(List<(int Id, double Logit)> candidates)
    {
        double[] weights = [.. candidates.Select(c => Math.Exp(c.Logit - candidates.Max(d => d.Logit)))];
        return [.. weights.Select(w => w / weights.Sum())];
    }
}
