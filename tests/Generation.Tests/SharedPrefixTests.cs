using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

/// <summary>Prompts that start alike and arrive together: one computes the common part, the others wait for its blocks.</summary>
public class SharedPrefixTests
{
    private static readonly int[] Common = [.. Enumerable.Range(0, 12)];

    [Fact]
    public void Prompts_that_arrive_together_compute_their_common_prefix_once()
    {
        ToyScheduler toy = new(new LlmEngineOptions { PrefillChunk = 8 }, 64);
        Sequence[] all = [.. Enumerable.Range(0, 4).Select(i => toy.Add(New(i, 3)))];

        Assert.Equal(["a:8"], toy.Step());
        Assert.Equal(["a:7"], toy.Step());
        Assert.Equal(["a:1", "b:3", "c:3", "d:3"], toy.Step());
        Assert.Equal([0, 12, 12, 12], all.Select(s => s.CachedTokens));
        Assert.Equal(3 + (4 * 1), 64 - toy.Scheduler.AvailableBlocks);
    }

    [Fact]
    public void Where_prompts_part_each_computes_its_own()
    {
        ToyScheduler toy = new(new LlmEngineOptions { PrefillChunk = 4 }, 64);
        toy.Add(new Sequence(0, 0, [.. Common, .. Enumerable.Repeat(90, 8)]));
        toy.Add(new Sequence(1, 0, [.. Common[..4], .. Enumerable.Repeat(91, 8)]));

        Assert.Equal(["a:4"], toy.Step());
        Assert.Equal(["a:4", "b:4"], toy.Step());
        Assert.Equal(["a:4", "b:4"], toy.Step());
    }

    [Fact]
    public void A_block_that_the_first_cannot_fill_is_not_waited_for()
    {
        ToyScheduler toy = new(new LlmEngineOptions(), 64);
        toy.Add(new Sequence(0, 0, Common[..6]));
        toy.Add(new Sequence(1, 0, Common));

        Assert.Equal(["a:6"], toy.Step());
        Assert.Equal(["a:1", "b:8"], toy.Step());
    }

    [Fact]
    public void When_the_first_leaves_midway_the_next_goes_on_from_what_is_there()
    {
        ToyScheduler toy = new(new LlmEngineOptions { PrefillChunk = 5 }, 64);
        Sequence first = toy.Add(New(0, 3));
        toy.Add(New(1, 3));
        toy.Add(New(2, 3));
        Assert.Equal(["a:5"], toy.Step());
        toy.Scheduler.Remove(first);

        Assert.Equal(["b:5"], toy.Step());
        Assert.Equal(["b:5"], toy.Step());
        Assert.Equal(["b:1", "c:3"], toy.Step());
    }

    [Fact]
    public void A_higher_priority_does_not_wait_for_a_lower_one_but_takes_the_lead()
    {
        ToyScheduler toy = new(new LlmEngineOptions { PrefillChunk = 4 }, 64);
        toy.Add(New(0, 3));
        Assert.Equal(["a:4"], toy.Step());
        toy.Add(New(1, 3, priority: 5));

        Assert.Equal(["b:4"], toy.Step());
        Assert.Equal(["b:4"], toy.Step());
        Assert.Equal(["a:3", "b:3"], toy.Step());
    }

    [Fact]
    public void A_sequence_overtaken_within_a_block_gives_its_own_copy_up()
    {
        ToyScheduler toy = new(new LlmEngineOptions { PrefillChunk = 6 }, 64);
        Sequence low = toy.Add(New(0, 3));
        toy.Step();
        toy.Add(New(1, 3, priority: 5));
        Assert.Equal(["b:6"], toy.Step());
        Assert.Equal(["b:5"], toy.Step());
        Assert.Equal(["a:3", "b:1"], toy.Step());

        // Of the second block it had computed 2 of 4 tokens.
        Assert.Equal(2 + 4, low.CachedTokens);
        Assert.Equal(3 + 2, 64 - toy.Scheduler.AvailableBlocks);
    }

    [Fact]
    public void Other_keys_neither_wait_nor_share()
    {
        ToyScheduler toy = new(new LlmEngineOptions(), 64);
        toy.Add(new Sequence(0, 0, Common) { CacheKey = "one tenant" });
        toy.Add(new Sequence(1, 0, Common) { CacheKey = "another" });

        Assert.Equal(["a:12", "b:12"], toy.Step());
    }

    [Fact]
    public void Logits_that_are_wanted_are_computed_and_not_waited_for()
    {
        ToyScheduler toy = new(new LlmEngineOptions(), 64);
        toy.Add(New(0, 3));
        toy.Add(new Sequence(1, 0, Common) { WantsLogitsFrom = 5 });

        Assert.Equal(["a:15"], toy.Step());
        Assert.Equal(["a:1", "b:8"], toy.Step());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Eight_clients_that_arrive_together_share_one_prefill_and_get_the_tokens_that_they_get_alone(bool prefixCache)
    {
        string system = string.Concat(Enumerable.Range(0, 60).Select(i => $"rule {i}. "));
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Request($"{system}question {i}", 6) with { Id = $"{i}" })];
        List<List<int>> expected = [];
        await using (LlmEngine alone = Start(new LlmEngineOptions { PrefixCache = false }, new ToyModel(1024)))
        {
            foreach (GenerationRequest request in requests)
                expected.Add((await Collect(alone, request)).Tokens[0]);
        }

        int rows = 0;
        LlmEngineOptions options = new() { PrefixCache = prefixCache, PrefillChunk = 100 };
        await using LlmEngine engine = Make(options, new ToyModel(1024) { OnForward = b => rows += b.TokenIds.Length });
        Task<Result>[] reading = [.. requests.Select(r => Collect(engine, r))];
        while (engine.Step())
        {
            // Until nothing is left.
        }

        Result[] results = await Task.WhenAll(reading);
        Assert.Equal(expected, results.Select(r => r.Tokens[0]));
        int prompt = requests[0].Prompt.Count;
        int shared = prefixCache ? system.Length / 16 * 16 : 0;
        Assert.Equal([0, .. Enumerable.Repeat(shared, 7)], results.Select(r => r.Usage.CachedTokens));
        Assert.Equal((8 * prompt) - (7 * shared) + (8 * 5), rows);
        Assert.Equal(7 * shared, engine.Statistics.PrefixCacheHits);
    }

    private static Sequence New(int arrival, int own, int priority = 0) =>
        new(arrival, 0, [.. Common, .. Enumerable.Repeat(100 + arrival, own)]) { Priority = priority };
}
