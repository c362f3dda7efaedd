using Inference.Generation.Speculation;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests.Speculation;

/// <summary>Guesses change the number of steps, never a token: greedy, drawn, penalised, biased, with log-probabilities, in any batch.</summary>
public class SpeculationTests
{
    private static readonly LlmEngineOptions Guessing = new() { Speculation = SpeculationMode.PromptLookup };

    [Fact]
    public async Task A_text_that_repeats_itself_takes_fewer_steps_and_has_the_same_tokens()
    {
        (List<int> plain, EngineStatistics without) = await Run(new LlmEngineOptions());
        (List<int> guessed, EngineStatistics with) = await Run(Guessing);

        Assert.Equal(plain, guessed);
        Assert.Equal(60, without.Steps);
        Assert.InRange(with.Steps, 1, 25);
        Assert.Equal(60 - with.Steps, with.AcceptedTokens);
        Assert.InRange(with.AcceptedTokens, 35, with.DraftTokens);

        static async Task<(List<int>, EngineStatistics)> Run(LlmEngineOptions options)
        {
            ToyModel model = new() { OnLogits = (prefix, logits) => LlmEngineTests.Favour(logits, "lorem ipsum "[prefix.Length % 12]) };
            await using LlmEngine engine = StartTimed(options, model, 10);
            return ((await Collect(engine, Request("lorem ipsum", 60, temperature: 0))).Tokens[0], engine.Statistics);
        }
    }

    [Theory]
    [InlineData(512, null)]
    [InlineData(5, null)]
    [InlineData(16, 60)]
    public async Task All_kinds_of_requests_in_one_batch_get_the_tokens_and_log_probabilities_that_they_get_alone(int chunk, int? blocks)
    {
        SamplingParameters[] kinds =
        [
            new() { Temperature = 0 },
            new() { Temperature = 0, RepetitionPenalty = 1.05f, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f, Logprobs = 3 },
            new() { Temperature = 0.5f, TopP = 0.9f },
            new() { Temperature = 1, TopK = 4, Logprobs = 0 },
            new() { Temperature = 0.7f, MinP = 0.1f, LogitBias = new Dictionary<int, float> { ['a'] = 2 }, MinTokens = 20 },
            new() { Temperature = 1, TypicalP = 0.8f, N = 3 },
            new() { Temperature = 0, Stop = ["bab"] },
            new() { Temperature = 0.3f, StopTokenIds = ['e'], Logprobs = 1 },
        ];
        GenerationRequest[] requests = [.. Enumerable.Range(0, 24).Select(i =>
            Request("abacabad" + (i % 3), kinds[i % kinds.Length] with { Seed = i, MaxTokens = 40 }) with { Echo = i % 5 == 1 })];
        List<Result> expected = [];
        await using (LlmEngine alone = Start(null, Repetitive()))
        {
            foreach (GenerationRequest request in requests)
                expected.Add(await Collect(alone, request));
        }

        await using LlmEngine engine = StartTimed(Guessing with { PrefillChunk = chunk, KvCacheBlocks = blocks, MaxRunning = 6, BlockLength = 4 }, Repetitive(), 1_000);
        for (int round = 0; round < 2; round++)
        {
            Result[] results = await Task.WhenAll(requests.Select(r => Collect(engine, r)));
            for (int i = 0; i < results.Length; i++)
            {
                Assert.Equal(expected[i].Tokens, results[i].Tokens);
                Assert.Equal(expected[i].Texts, results[i].Texts);
                Assert.Equal(expected[i].Finishes, results[i].Finishes);
                Assert.Equal(expected[i].Logprobs.Select(l => l.Select(x => x.Logprob)), results[i].Logprobs.Select(l => l.Select(x => x.Logprob)));
                Assert.Equal(expected[i].Usage.CompletionTokens, results[i].Usage.CompletionTokens);
            }
        }

        Assert.True(engine.Statistics.AcceptedTokens > 0, "some guesses were right");
        Assert.True(engine.Statistics.AcceptedTokens < engine.Statistics.DraftTokens, "some guesses were wrong");
        Assert.Equal((0, 0), (engine.Statistics.UsedBlocks, engine.Statistics.LiveRequests));
    }

    [Fact]
    public async Task Drawn_tokens_after_guesses_are_distributed_as_the_probabilities()
    {
        const int Draws = 3_000;
        float[] logits = [1, 0.5f, 0, -0.5f];
        ToyModel model = new()
        {
            OnLogits = (_, row) =>
            {
                row.Fill(-100);
                for (int i = 0; i < logits.Length; i++)
                    row['a' + i] = logits[i];
            },
        };
        await using LlmEngine engine = StartTimed(Guessing, model, 1_000);
        Result[] results = await Task.WhenAll(Enumerable.Range(0, Draws / 100).Select(seed =>
            Collect(engine, Request("abababab", 100, temperature: 1, seed: seed))));

        int[] counts = [.. logits.Select((_, i) => results.Sum(r => r.Tokens[0].Count(t => t == 'a' + i)))];
        double total = logits.Sum(l => Math.Exp(l));
        double chiSquare = logits.Select((l, i) => (Expected: Draws * Math.Exp(l) / total, Count: counts[i]))
            .Sum(x => (x.Count - x.Expected) * (x.Count - x.Expected) / x.Expected);
        Assert.Equal(Draws, counts.Sum());
        Assert.InRange(engine.Statistics.AcceptedTokens, 10, engine.Statistics.DraftTokens);

        // The 0.1 % point of chi-square with 3 degrees of freedom.
        Assert.True(chiSquare < 16.3, $"chi-square {chiSquare}");
    }

    [Fact]
    public async Task Where_guesses_fail_few_are_made()
    {
        ToyModel model = new()
        {
            // After "ab" comes never again what came before.
            OnLogits = (prefix, logits) => LlmEngineTests.Favour(logits, (prefix.Length % 3) switch { 0 => 'a', 1 => 'b', _ => 128 + (prefix.Length / 3 % 100) }),
        };
        await using LlmEngine engine = StartTimed(Guessing, model, 10);
        await Collect(engine, Request("ab", 400, temperature: 0));

        Assert.InRange(engine.Statistics.DraftTokens, 1, 100);
    }

    [Fact]
    public async Task A_cancelled_answer_frees_the_blocks_of_its_guesses_too()
    {
        ToyModel model = new() { OnLogits = (_, logits) => LlmEngineTests.Favour(logits, 'a') };
        await using LlmEngine engine = Make(Guessing with { BlockLength = 2 }, model, time: new ManualTime());
        using CancellationTokenSource cancellation = new();
        Task<Result> reading = Collect(engine, Request("aaaa", 400, temperature: 0), cancellation.Token);
        for (int i = 0; i < 6; i++)
            engine.Step();
        Assert.True(engine.Statistics.AcceptedTokens > 0);
        await cancellation.CancelAsync();
        engine.Step();

        Assert.Equal((0, 0), (engine.Statistics.UsedBlocks, engine.Statistics.LiveRequests));
        Assert.Equal(FinishReason.Cancelled, (await reading).Finishes[0]);
    }

    /// <summary>A step takes as long as a number of rows, and its own.</summary>
    private static LlmEngine StartTimed(LlmEngineOptions options, ToyModel model, int rowsOfWeights)
    {
        ManualTime time = new();
        model.OnForward = b => time.Advance(TimeSpan.FromMilliseconds(rowsOfWeights + b.TokenIds.Length));
        return Make(options, model, start: true, time: time);
    }

    /// <summary>Few tokens, and those that followed the last two before are likelier: guesses are often right, and often wrong.</summary>
    private static ToyModel Repetitive() => new()
    {
        OnLogits = (prefix, logits) =>
        {
            for (int i = 0; i < logits.Length; i++)
                logits[i] = i is >= 'a' and <= 'e' ? logits[i] / 4 : -50;
            for (int p = 2; p < prefix.Length; p++)
            {
                if (prefix[p - 2] == prefix[^2] && prefix[p - 1] == prefix[^1])
                    logits[prefix[p]] += 0.6f;
            }
        },
    };
}
