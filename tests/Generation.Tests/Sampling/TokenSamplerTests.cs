using Inference.Generation.Sampling;

namespace Inference.Generation.Tests.Sampling;

public class TokenSamplerTests
{
    private static readonly float[] Logits = [2, 1, -1, 3, 0, 2.5f];
    private readonly SamplingScratch _scratch = new(6);

    [Fact]
    public void Temperature_zero_takes_the_best() => Assert.Equal(3, Greedy(new SamplingParameters()).Next(Logits, _scratch).TokenId);

    [Fact]
    public void A_bias_moves_the_choice() =>
        Assert.Equal(2, Greedy(new SamplingParameters { LogitBias = new Dictionary<int, float> { [2] = 5 } }).Next(Logits, _scratch).TokenId);

    [Fact]
    public void The_repetition_penalty_divides_positive_and_multiplies_negative_logits_of_prompt_and_answer()
    {
        // 3 / 1.5 = 2 loses to 2.5; then 2.5 / 1.5 = 1.67 and 2 / 1.5: of 1, 2 and 1.67, token 0 (2) wins; then its 1.33 loses to 3's 2.
        TokenSampler sampler = Greedy(new SamplingParameters { RepetitionPenalty = 1.5f }, prompt: [3]);

        Assert.Equal([5, 0, 3, 3], Choose(sampler, 4));
        Assert.Equal(1, Greedy(new SamplingParameters { RepetitionPenalty = 1.5f }, prompt: [0]).Next([-1, -1.2f, -9, -9, -9, -9], _scratch).TokenId);
    }

    [Fact]
    public void The_presence_penalty_counts_once_and_only_the_answer()
    {
        // After one 3: 3 - 0.7 = 2.3 loses to 2.5; after one 5: 2.5 - 0.7 = 1.8 loses to 2.3; and that stays.
        TokenSampler sampler = Greedy(new SamplingParameters { PresencePenalty = 0.7f }, prompt: [3, 3]);

        Assert.Equal([3, 5, 3, 3, 3], Choose(sampler, 5));
    }

    [Fact]
    public void The_frequency_penalty_grows_with_each_occurrence()
    {
        // 3: 3, 2.6, 2.2 ...; 5: 2.5, 2.1 ...; 0: 2, 1.6.
        TokenSampler sampler = Greedy(new SamplingParameters { FrequencyPenalty = 0.4f });

        Assert.Equal([3, 3, 5, 3, 5, 0], Choose(sampler, 6));
    }

    [Fact]
    public void Stop_tokens_are_masked_before_min_tokens()
    {
        TokenSampler sampler = Greedy(new SamplingParameters { MinTokens = 2 }, stops: [3]);

        Assert.Equal([5, 5, 3], Choose(sampler, 3));
    }

    [Fact]
    public void A_masked_token_is_never_drawn()
    {
        TokenSampler sampler = new(new SamplingParameters { MinTokens = 500, TypicalP = 0.9f }, 1, 0, [], [3, 5]);

        Assert.DoesNotContain(Choose(sampler, 500), t => t is 3 or 5);
    }

    [Fact]
    public void Log_probabilities_are_the_models_own_whatever_the_parameters()
    {
        double total = Math.Log(Logits.Sum(l => Math.Exp(l)));
        TokenSampler sampler = Greedy(new SamplingParameters { Logprobs = 2, LogitBias = new Dictionary<int, float> { [4] = 50 }, MinTokens = 9 }, stops: [3]);
        TokenChoice choice = sampler.Next(Logits, _scratch);

        Assert.Equal(4, choice.TokenId);
        Assert.Equal(0 - total, choice.Logprob, 1e-5);
        Assert.Equal([3, 5], choice.Top.Select(t => t.TokenId));
        Assert.Equal(3 - total, choice.Top[0].Logprob, 1e-5);
    }

    [Fact]
    public void Extreme_parameters_give_a_token()
    {
        SamplingParameters parameters = new() { Temperature = float.Epsilon, RepetitionPenalty = float.Epsilon, LogitBias = new Dictionary<int, float> { [1] = -100 } };
        TokenSampler sampler = new(parameters, 1, 0, [0, 1, 2], []);

        Assert.All(Choose(sampler, 5), t => Assert.InRange(t, 0, 5));
    }

    [Fact]
    public void Logits_that_are_not_finite_throw() =>
        Assert.Throws<GenerationFailedException>(() => Greedy(new SamplingParameters()).Next([1, 2, float.NaN, 0, 0, 0], _scratch));

    private static TokenSampler Greedy(SamplingParameters parameters, int[]? prompt = null, int[]? stops = null) =>
        new(parameters with { Temperature = 0 }, 1, 0, prompt ?? [], stops ?? []);

    private int[] Choose(TokenSampler sampler, int count) => [.. Enumerable.Range(0, count).Select(_ => sampler.Next(Logits, _scratch).TokenId)];
}
