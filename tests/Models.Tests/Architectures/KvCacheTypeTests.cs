using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

public class KvCacheTypeTests
{
    /// <summary>
    /// The mean and the largest Kullback-Leibler divergence of the next token's distribution from that of a cache in F32, over
    /// 200 greedy tokens. The limits are about four times what was measured (docs/serving.md); a wrong scale, lane or block
    /// gives whole nats.
    /// </summary>
    [Theory]
    [InlineData(DType.F16, 3e-6, 3e-4)]
    [InlineData(DType.BF16, 3e-5, 5e-3)]
    [InlineData(DType.Q8_0, 3e-5, 5e-3)]
    public void A_smaller_cache_changes_the_distribution_of_the_demo_model_little(DType type, double mean, double largest)
    {
        using CpuBackend backend = new(2);
        using ICausalModel model = ArchitectureRegistry.Load(Path.Combine(SharedData.RepositoryRoot, "models", "demo"), backend);
        int[] prompt = [.. Enumerable.Range(0, 40).Select(i => 300 + (i * 37 % 1000))];
        int[] tokens;
        using (ModelSequence greedy = new(model, 300))
        {
            tokens = [.. prompt, .. greedy.Greedy(prompt, 200)];
        }

        using ModelSequence exact = new(model, 300), rounded = new(model, 300, type: type);
        double sum = 0, most = 0;
        exact.Feed(tokens.AsSpan(0, prompt.Length));
        rounded.Feed(tokens.AsSpan(0, prompt.Length));
        for (int i = prompt.Length; i < tokens.Length; i++)
        {
            double divergence = Divergence(exact.Feed(tokens.AsSpan(i, 1)), rounded.Feed(tokens.AsSpan(i, 1)));
            sum += divergence;
            most = Math.Max(most, divergence);
        }

        double average = sum / (tokens.Length - prompt.Length);
        Assert.True(average <= mean && most <= largest, $"{type}: mean {average:E2}, largest {most:E2} nats");
    }

    private static double Divergence(float[] exact, float[] rounded)
    {
        double e = LogSumExp(exact), r = LogSumExp(rounded);
        return exact.Select((logit, i) => Math.Exp(logit - e) * (logit - e - (rounded[i] - r))).Sum();
    }

    private static double LogSumExp(float[] logits)
    {
        double most = logits.Max();
        return most + Math.Log(logits.Sum(logit => Math.Exp(logit - most)));
    }
}
