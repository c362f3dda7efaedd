using Inference.Tensors;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

public class LlmEngineTests
{
    [Fact]
    public async Task A_request_gets_its_tokens_text_usage_and_end()
    {
        await using LlmEngine engine = Start();
        Result result = await Collect(engine, Request("hello", 8));

        Assert.Equal(8, result.Tokens[0].Count);
        Assert.Equal(FinishReason.Length, result.Finishes[0]);
        Assert.Equal(new GenerationUsage(5, 8, 0), result.Usage);
        Assert.Equal(ToyTokenizer.Create().Decode([.. "hello"u8.ToArray().Select(b => (int)b), .. result.Tokens[0]])["hello".Length..], result.Texts[0]);
    }

    [Fact]
    public async Task Tokens_are_the_same_alone_batched_chunked_cached_and_preempted()
    {
        string[] prompts = [.. Enumerable.Range(0, 32).Select(i => string.Concat(Enumerable.Repeat($"prompt {i % 5} ", 1 + (i % 7))) + i)];
        List<List<int>> expected = [];
        await using (LlmEngine alone = Start())
        {
            foreach (string prompt in prompts)
                expected.Add((await Collect(alone, Request(prompt, 20))).Tokens[0]);
        }

        await Same(new LlmEngineOptions());
        await Same(new LlmEngineOptions { PrefixCache = false });
        await Same(new LlmEngineOptions { PrefillChunk = 7, MaxBatchTokens = 11, MaxRunning = 10 });
        await Same(new LlmEngineOptions { BlockLength = 1, MaxRunning = 3 });
        EngineStatistics tight = await Same(new LlmEngineOptions { KvCacheBlocks = 40, BlockLength = 4, PrefillChunk = 5 });
        Assert.True(tight.Preemptions > 0, "the cache is small enough to preempt");
        await Same(new LlmEngineOptions { KvCacheBlocks = 40, BlockLength = 4, PrefillChunk = 5, PrefixCache = false });

        async Task<EngineStatistics> Same(LlmEngineOptions options)
        {
            await using LlmEngine engine = Start(options);
            for (int round = 0; round < 2; round++)
            {
                Result[] results = await Task.WhenAll(prompts.Select(p => Collect(engine, Request(p, 20))));
                Assert.Equal(expected, results.Select(r => r.Tokens[0]));
                if (round == 1 && options.PrefixCache && options.KvCacheBlocks is null)
                    Assert.All(results.Where(r => r.Usage.PromptTokens > options.BlockLength), r => Assert.True(r.Usage.CachedTokens > 0));
            }

            Assert.Equal(0, engine.Statistics.UsedBlocks);
            return engine.Statistics;
        }
    }

    [Fact]
    public async Task A_seed_gives_the_same_tokens_again_and_another_one_others()
    {
        await using LlmEngine engine = Start();
        List<int> first = (await Collect(engine, Request("seeded", 20, seed: 1))).Tokens[0];

        Assert.Equal(first, (await Collect(engine, Request("seeded", 20, seed: 1))).Tokens[0]);
        Assert.NotEqual(first, (await Collect(engine, Request("seeded", 20, seed: 2))).Tokens[0]);
        Assert.NotEqual((await Collect(engine, Request("seeded", 20, seed: null))).Tokens[0], (await Collect(engine, Request("seeded", 20, seed: null))).Tokens[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Four_answers_share_the_prompt_and_differ(bool prefixCache)
    {
        await using LlmEngine engine = Start(new LlmEngineOptions { PrefixCache = prefixCache });
        GenerationRequest request = Request(new string('x', 100), new SamplingParameters { N = 4, MaxTokens = 10, Seed = 3 });
        Result result = await Collect(engine, request);

        Assert.Equal(4, result.Tokens.Select(t => string.Join(' ', t)).Distinct().Count());
        Assert.All(result.Finishes, f => Assert.Equal(FinishReason.Length, f));
        Assert.Equal(new GenerationUsage(100, 40, 0), result.Usage);
        Assert.Equal(0, engine.Statistics.UsedBlocks);
        Assert.Equal(prefixCache ? engine.Statistics.CachedBlocks : 0, engine.Statistics.CachedBlocks);

        await using LlmEngine alone = Start();
        Assert.Equal((await Collect(alone, request with { Sampling = request.Sampling with { N = 1 } })).Tokens[0], result.Tokens[0]);
    }

    [Fact]
    public async Task A_common_prompt_is_computed_once_for_four_answers()
    {
        List<int> rows = [];
        ToyModel model = new() { OnForward = b => rows.Add(b.TokenIds.Length) };
        await using LlmEngine engine = Start(new LlmEngineOptions { PrefixCache = false }, model);
        await Collect(engine, Request(new string('x', 100), new SamplingParameters { N = 4, MaxTokens = 2, Seed = 3 }));

        // 100 once; each of the three others again only the last, unfilled block of 4; then the tokens themselves.
        Assert.Equal(100 + (3 * 4) + 4, rows.Sum());
    }

    [Fact]
    public async Task The_end_token_stops_and_has_no_text()
    {
        ToyModel model = new() { OnLogits = (prefix, logits) => Favour(logits, prefix.Length < 6 ? 'a' : ToyTokenizer.Eos) };
        await using LlmEngine engine = Start(null, model);
        Result result = await Collect(engine, Request("xyz", 20));

        Assert.Equal("aaa", result.Texts[0]);
        Assert.Equal(['a', 'a', 'a', ToyTokenizer.Eos], result.Tokens[0]);
        Assert.Equal(FinishReason.Stop, result.Finishes[0]);
        Assert.Null(result.Stops[0]);
    }

    [Fact]
    public async Task Ignoring_the_end_token_goes_on_and_min_tokens_delays_it()
    {
        ToyModel model = new() { OnLogits = (_, logits) => Favour(logits, ToyTokenizer.Eos) };
        await using LlmEngine engine = Start(null, model);
        Result ignoring = await Collect(engine, Request("xyz", new SamplingParameters { MaxTokens = 5, IgnoreEos = true, IncludeSpecialTokens = true }));
        Result delayed = await Collect(engine, Request("xyz", new SamplingParameters { MaxTokens = 9, MinTokens = 4 }));

        Assert.Equal("</s></s></s></s></s>", ignoring.Texts[0]);
        Assert.Equal(5, delayed.Tokens[0].Count);
        Assert.Equal(FinishReason.Stop, delayed.Finishes[0]);
    }

    [Fact]
    public async Task A_stop_token_of_the_request_stops()
    {
        ToyModel model = new() { OnLogits = (prefix, logits) => Favour(logits, 'a' + prefix.Length) };
        await using LlmEngine engine = Start(null, model);
        Result result = await Collect(engine, Request("xy", new SamplingParameters { StopTokenIds = ['f'] }));

        Assert.Equal("cde", result.Texts[0]);
        Assert.Equal(FinishReason.Stop, result.Finishes[0]);
    }

    [Fact]
    public async Task A_stop_text_over_token_borders_is_left_out_and_named()
    {
        ToyModel model = new() { OnLogits = (prefix, logits) => Favour(logits, 'a' + prefix.Length) };
        await using LlmEngine engine = Start(null, model);
        Result result = await Collect(engine, Request("xy", new SamplingParameters { Stop = ["fgh", "zzz"] }));

        Assert.Equal("cde", result.Texts[0]);
        Assert.Equal("fgh", result.Stops[0]);
        Assert.Equal(FinishReason.Stop, result.Finishes[0]);
        Assert.Equal(6, result.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Text_held_back_for_a_stop_text_comes_at_the_end()
    {
        ToyModel model = new() { OnLogits = (prefix, logits) => Favour(logits, 'a' + prefix.Length) };
        await using LlmEngine engine = Start(null, model);
        Result result = await Collect(engine, Request("xy", new SamplingParameters { Stop = ["efgh"], MaxTokens = 4 }));

        Assert.Equal("cdef", result.Texts[0]);
        Assert.Equal(FinishReason.Length, result.Finishes[0]);
    }

    [Fact]
    public async Task A_character_of_several_tokens_comes_whole()
    {
        byte[] euro = [.. "€€"u8];
        ToyModel model = new() { OnLogits = (prefix, logits) => Favour(logits, euro[prefix.Length - 1]) };
        await using LlmEngine engine = Start(null, model);
        Result whole = await Collect(engine, Request("x", 6));
        Result cut = await Collect(engine, Request("x", 5));

        Assert.Equal("€€", whole.Texts[0]);
        Assert.Equal("€\uFFFD", cut.Texts[0]);
        Assert.All(whole.Updates.SelectMany(u => u.Deltas), d => Assert.DoesNotContain("\uFFFD", d.Text));
    }

    [Fact]
    public async Task The_context_ends_an_answer_without_a_limit()
    {
        await using LlmEngine engine = Start(null, new ToyModel(contextLength: 24));
        Result result = await Collect(engine, Request("0123456789", new SamplingParameters { Seed = 1 }));

        Assert.Equal(FinishReason.Length, result.Finishes[0]);
        Assert.Equal(14, result.Tokens[0].Count);
    }

    [Fact]
    public async Task Log_probabilities_sum_to_one_and_hold_the_chosen_token()
    {
        await using LlmEngine engine = Start();
        Result result = await Collect(engine, Request("logs", new SamplingParameters { Logprobs = 20, MaxTokens = 5, Temperature = 0 }));

        Assert.Equal(result.Tokens[0], result.Logprobs[0].Select(l => l.TokenId));
        Assert.All(result.Logprobs[0], l =>
        {
            Assert.Equal(20, l.Top.Count);
            Assert.Equal((l.TokenId, l.Logprob), (l.Top[0].TokenId, l.Top[0].Logprob));
            Assert.Equal(l.Top.OrderByDescending(t => t.Logprob).Select(t => t.TokenId), l.Top.Select(t => t.TokenId));
            Assert.InRange(l.Top.Sum(t => Math.Exp(t.Logprob)), 0.05, 1);
            Assert.Equal([(byte)l.TokenId], l.Bytes);
        });
    }

    [Theory]
    [InlineData(512)]
    [InlineData(3)]
    public async Task Echo_returns_prompt_text_tokens_and_their_log_probabilities(int chunk)
    {
        await using LlmEngine engine = Start(new LlmEngineOptions { PrefillChunk = chunk });
        GenerationRequest request = Request(new string('q', 40) + "echo", new SamplingParameters { Logprobs = 2, MaxTokens = 3, Seed = 5, N = 2 }) with { Echo = true };
        await Collect(engine, request);
        Result result = await Collect(engine, request);
        GenerationRequest plain = request with { Echo = false };
        Result without = await Collect(engine, plain);

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(new string('q', 40) + "echo" + without.Texts[i], result.Texts[i]);
            Assert.Equal([.. request.Prompt, .. without.Tokens[i]], result.Tokens[i]);
            Assert.Equal(result.Tokens[i], result.Logprobs[i].Select(l => l.TokenId));
            Assert.True(float.IsNaN(result.Logprobs[i][0].Logprob));
            Assert.Equal(without.Logprobs[i].Select(l => l.Logprob), result.Logprobs[i].Skip(44).Select(l => l.Logprob));
        }

        // The log-probability of a prompt token is the one that it would have as an answer.
        Result last = await Collect(engine, Request(new string('q', 40) + "ech", new SamplingParameters { Logprobs = 0, MaxTokens = 1, LogitBias = new Dictionary<int, float> { ['o'] = 100 } }));
        Assert.Equal(last.Logprobs[0][0].Logprob, result.Logprobs[0][43].Logprob);
    }

    [Fact]
    public async Task A_failing_step_fails_its_requests_and_the_engine_lives_on()
    {
        bool fail = true;
        ToyModel model = new() { OnForward = _ => { if (fail) throw new InvalidOperationException("device lost"); } };
        await using LlmEngine engine = Start(null, model);

        GenerationFailedException error = await Assert.ThrowsAsync<GenerationFailedException>(() => Collect(engine, Request("a")));
        Assert.Contains("device lost", error.Message);
        Assert.Equal((0, 0), (engine.Statistics.UsedBlocks, engine.Statistics.LiveRequests));
        fail = false;
        Assert.Equal(8, (await Collect(engine, Request("a"))).Tokens[0].Count);
    }

    [Fact]
    public async Task Logits_that_are_no_numbers_fail_one_request_only()
    {
        ToyModel model = new() { OnLogits = (prefix, logits) => logits[3] = prefix[0] == 'n' && prefix.Length > 5 ? float.NaN : logits[3] };
        await using LlmEngine engine = Start(null, model);
        Task<Result> good = Collect(engine, Request("good", 40));
        Task<Result> bad = Collect(engine, Request("nan", 40));

        await Assert.ThrowsAsync<GenerationFailedException>(() => bad);
        Assert.Equal(40, (await good).Tokens[0].Count);
        Assert.Equal(0, engine.Statistics.UsedBlocks);
    }

    [Fact]
    public async Task Every_fault_of_a_request_is_named_with_limit_and_value()
    {
        await using LlmEngine engine = Start(null, new ToyModel(contextLength: 16));
        GenerationRequest request = Request(new string('x', 40), new SamplingParameters { Temperature = -1, TopP = 2, N = 99 }) with { Priority = 1000 };
        InvalidRequestException error = await Assert.ThrowsAsync<InvalidRequestException>(() => Collect(engine, request));

        Assert.Equal(["priority", "prompt", "sampling.n", "sampling.temperature", "sampling.top_p"], error.Violations.Select(v => v.Field).Order());
        Assert.Contains("at most 15 tokens (the context length less one to generate), not 40", error.Message);
        Assert.Contains("must be from 0 to 2, not -1", error.Message);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_cache_is_refused_by_name()
    {
        await using LlmEngine engine = Start(new LlmEngineOptions { KvCacheBlocks = 2, BlockLength = 4 });
        InvalidRequestException error = await Assert.ThrowsAsync<InvalidRequestException>(() => Collect(engine, Request("12345678")));

        Assert.Contains("at most 7 tokens (the KV cache less one to generate), not 8", error.Message);
        Assert.Single((await Collect(engine, Request("1234567", new SamplingParameters()))).Tokens[0]);
    }

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        InvalidRequestException error = Assert.Throws<InvalidRequestException>(() => Start(new LlmEngineOptions { BlockLength = 0, MaxRunning = 9999, KvCacheType = DType.Q4_0 }));

        Assert.Equal(["BlockLength", "KvCacheType", "MaxRunning"], error.Violations.Select(v => v.Field).Order());
    }

    internal static void Favour(Span<float> logits, int token)
    {
        logits.Fill(-50);
        logits[token] = 50;
    }
}
