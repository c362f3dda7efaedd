using Inference.Models.Weights;
using Inference.Tensors.Cpu;
using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests.Speculation;

/// <summary>A draft model changes the number of steps, never a token, whatever it guesses. The toys read their prefix back from their caches.</summary>
public class DraftModelTests
{
    private static string Demo => Path.Combine(SharedData.RepositoryRoot, "models", "demo");

    private static readonly SamplingParameters[] Kinds =
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

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public async Task A_draft_that_is_the_model_itself_is_always_right(float temperature)
    {
        await using LlmEngine plain = Start();
        await using LlmEngine engine = StartTimed(new LlmEngineOptions { MaxDraftTokens = 4 }, new ToyModel { WeightBytes = 100 }, new ToyModel { WeightBytes = 1 });
        GenerationRequest request = Request("lorem ipsum dolor sit amet", 60, temperature);

        List<int> expected = (await Collect(plain, request)).Tokens[0];
        Assert.Equal(expected, (await Collect(engine, request)).Tokens[0]);
        Assert.Equal(engine.Statistics.DraftTokens, engine.Statistics.AcceptedTokens);
        Assert.InRange(engine.Statistics.Steps, 12, 20);

        // Again, from the prefix cache: what the draft model had computed of it is shared too.
        Assert.Equal(expected, (await Collect(engine, request)).Tokens[0]);
        Assert.Equal(engine.Statistics.DraftTokens, engine.Statistics.AcceptedTokens);
    }

    [Theory]
    [InlineData(512, null, 8)]
    [InlineData(5, null, 3)]
    [InlineData(16, 60, 5)]
    public async Task All_kinds_of_requests_in_one_batch_get_the_tokens_and_log_probabilities_that_they_get_alone(int chunk, int? blocks, int most)
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 24).Select(i =>
            Request("abacabad" + (i % 3), Kinds[i % Kinds.Length] with { Seed = i, MaxTokens = 40 }) with { Echo = i % 5 == 1 })];
        List<Result> expected = [];
        await using (LlmEngine alone = Start(null, Few(0)))
        {
            foreach (GenerationRequest request in requests)
                expected.Add(await Collect(alone, request));
        }

        LlmEngineOptions options = new() { PrefillChunk = chunk, KvCacheBlocks = blocks, MaxRunning = 6, BlockLength = 4, MaxDraftTokens = most };
        await using LlmEngine engine = StartTimed(options, Few(0), Few(0.5f));
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

        Assert.InRange(engine.Statistics.AcceptedTokens, engine.Statistics.DraftTokens / 10, engine.Statistics.DraftTokens / 2);
        Assert.Equal((0, 0), (engine.Statistics.UsedBlocks, engine.Statistics.LiveRequests));
    }

    [Theory]
    [InlineData(512, null, 8)]
    [InlineData(5, null, 3)]
    [InlineData(16, 40, 5)]
    public async Task A_draft_that_is_the_model_itself_is_always_right_in_a_batch_and_when_blocks_are_taken_away(int chunk, int? blocks, int most)
    {
        LlmEngineOptions options = new() { PrefillChunk = chunk, KvCacheBlocks = blocks, MaxRunning = 6, BlockLength = 4, MaxDraftTokens = most };
        ToyModel draft = new() { WeightBytes = 1 };
        await using LlmEngine engine = StartTimed(options, new ToyModel { WeightBytes = 100 }, draft);
        for (int round = 0; round < 2; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Collect(engine, Request(
                "abacabad" + (i % 3), new SamplingParameters { Temperature = i % 2, TopK = i % 4, N = 1 + (i % 3), Seed = i, MaxTokens = 40 }) with
            { Priority = i % 5 })));
        }

        Assert.InRange(engine.Statistics.DraftTokens, 500, long.MaxValue);
        Assert.Equal(engine.Statistics.DraftTokens, engine.Statistics.AcceptedTokens);
        Assert.True(engine.Statistics.Preemptions > 0);
    }

    [Fact]
    public async Task Drawn_tokens_are_distributed_as_the_models_probabilities_not_as_the_drafts()
    {
        const int Draws = 3_000;
        float[] logits = [1, 0.5f, 0, -0.5f];
        await using LlmEngine engine = StartTimed(new LlmEngineOptions(), Fixed(logits, 100), Fixed([0, 0, 0.5f, 1]));
        Result[] results = await Task.WhenAll(Enumerable.Range(0, Draws / 100).Select(seed => Collect(engine, Request("ab", 100, temperature: 1, seed: seed))));

        int[] counts = [.. logits.Select((_, i) => results.Sum(r => r.Tokens[0].Count(t => t == 'a' + i)))];
        double total = logits.Sum(l => Math.Exp(l));
        double chiSquare = logits.Select((l, i) => (Expected: Draws * Math.Exp(l) / total, Count: counts[i]))
            .Sum(x => (x.Count - x.Expected) * (x.Count - x.Expected) / x.Expected);
        Assert.Equal(Draws, counts.Sum());
        Assert.InRange(engine.Statistics.AcceptedTokens, 100, engine.Statistics.DraftTokens - 100);

        // The 0.1 % point of chi-square with 3 degrees of freedom.
        Assert.True(chiSquare < 16.3, $"chi-square {chiSquare}");
    }

    [Fact]
    public async Task A_draft_that_is_always_wrong_is_hardly_asked()
    {
        int steps = 0;
        ToyModel draft = new() { OnLogits = (_, logits) => LlmEngineTests.Favour(logits, 'x'), OnForward = _ => steps++ };
        await using LlmEngine engine = StartTimed(new LlmEngineOptions(), new ToyModel { WeightBytes = 100, OnLogits = (_, logits) => LlmEngineTests.Favour(logits, 'a') }, draft);
        await Collect(engine, Request("ab", 400, temperature: 0));

        Assert.InRange(steps, 1, 100);
        Assert.Equal(0, engine.Statistics.AcceptedTokens);
    }

    [Fact]
    public async Task A_draft_as_slow_as_the_model_is_not_asked()
    {
        int steps = 0;
        ToyModel draft = new() { WeightBytes = 1 };
        await using LlmEngine engine = StartTimed(new LlmEngineOptions(), new ToyModel { WeightBytes = 100 }, draft, draftShare: 1, onDraft: () => steps++);
        await Collect(engine, Request("lorem ipsum", 200, temperature: 0));

        // What it takes is not known before it has run: once, for one guess.
        Assert.InRange(steps, 1, 8);
    }

    [Fact]
    public async Task A_draft_of_a_shorter_context_and_a_smaller_vocabulary_helps_as_far_as_it_goes()
    {
        await using LlmEngine plain = Start();
        await using LlmEngine engine = StartTimed(new LlmEngineOptions(), new ToyModel { WeightBytes = 100 }, new ToyModel(contextLength: 40));
        GenerationRequest request = Request("lorem ipsum dolor sit amet", 60, 0);

        Assert.Equal((await Collect(plain, request)).Tokens[0], (await Collect(engine, request)).Tokens[0]);
        Assert.InRange(engine.Statistics.AcceptedTokens, 8, 14);
    }

    [Fact]
    public async Task The_demo_model_drafts_for_itself_greedy_and_drawn()
    {
        GenerationRequest[] requests;
        List<Result> expected = [];
        await using (LanguageModel plain = await Open(null))
        {
            requests = [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest
            {
                Id = $"{i}",
                Prompt = plain.Tokenizer.Encode($"What is {i} plus {i}?"),
                Sampling = new SamplingParameters { Temperature = i % 2 * 0.7f, TopP = 0.95f, MaxTokens = 60, Seed = i, IgnoreEos = true, RepetitionPenalty = i == 4 ? 1.1f : 1 },
            })];
            foreach (GenerationRequest request in requests)
                expected.Add(await Collect(plain.Engine, request));
        }

        await using LanguageModel model = await Open(Demo);
        Result[] results = await Task.WhenAll(requests.Select(r => Collect(model.Engine, r)));

        Assert.Equal(expected.Select(r => r.Tokens[0]), results.Select(r => r.Tokens[0]));
    }

    [SharedDataFact(Stories260K.Folder)]
    public async Task A_draft_of_another_vocabulary_is_refused_by_its_first_different_token()
    {
        using TemporaryDirectory directory = new();
        Stories260K.Read().WriteHuggingFace(directory.Path, Tensors.DType.F32);

        ModelFormatException error = await Assert.ThrowsAsync<ModelFormatException>(() => Open(directory.Path));

        Assert.Contains(directory.Path, error.Message);
        Assert.Contains("tokens differ, token", error.Message);
    }

    private static Task<LanguageModel> Open(string? draft) => LanguageModel.OpenAsync(
        new LanguageModelOptions { Name = "model", Path = Demo, DraftPath = draft }, new CpuBackend(2));

    /// <summary>A step of the model takes as long as 1,000 rows and its own; the draft's a share of that.</summary>
    private static LlmEngine StartTimed(LlmEngineOptions options, ToyModel model, ToyModel draft, double draftShare = 0.01, Action? onDraft = null)
    {
        ManualTime time = new();
        model.OnForward += b => time.Advance(TimeSpan.FromMilliseconds(1_000 + b.TokenIds.Length));
        draft.OnForward += b =>
        {
            onDraft?.Invoke();
            time.Advance(TimeSpan.FromMilliseconds(draftShare * (1_000 + b.TokenIds.Length)));
        };
        return Make(options, model, start: true, time: time, draft: draft);
    }

    private static ToyModel Fixed(float[] logits, long bytes = 1) => new()
    {
        WeightBytes = bytes,
        OnLogits = (_, row) =>
        {
            row.Fill(-100);
            for (int i = 0; i < logits.Length; i++)
                row['a' + i] = logits[i];
        },
    };

    /// <summary>Few tokens, by a hash of the prefix; with some noise, another hash.</summary>
    private static ToyModel Few(float noise) => new()
    {
        WeightBytes = noise == 0 ? 100 : 1,
        OnLogits = (prefix, logits) =>
        {
            for (int i = 0; i < logits.Length; i++)
                logits[i] = i is >= 'a' and <= 'e' ? (logits[i] / 4) + (noise * ((prefix.Sum() + (7 * i)) % 5)) : -50;
        },
    };
}
