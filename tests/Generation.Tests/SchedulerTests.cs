namespace Inference.Generation.Tests;

/// <summary>The scheduler with numbers that can be checked by hand: blocks of 4 tokens, no tensors.</summary>
public class SchedulerTests
{
    private long _arrivals;

    [Fact]
    public void A_prompt_is_computed_in_chunks_and_then_decodes_one_token_a_step()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxBatchTokens = 8, PrefillChunk = 3, MaxRunning = 4 }, 16);
        Sequence a = toy.Add(New(7));

        Assert.Equal(["a:3"], toy.Step());
        Assert.Equal(["a:3"], toy.Step());
        Assert.Equal(["a:1"], toy.Step());
        Assert.Equal(8, a.TokenCount);
        Assert.Equal(["a:1"], toy.Step());
    }

    [Fact]
    public void Decode_goes_first_and_prompts_share_what_the_budget_leaves()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxBatchTokens = 6, PrefillChunk = 6, MaxRunning = 4 }, 16);
        toy.Add(New(2));
        Assert.Equal(["a:2"], toy.Step());
        toy.Add(New(9));
        toy.Add(New(3));

        Assert.Equal(["a:1", "b:5"], toy.Step());
        Assert.Equal(["a:1", "b:4", "c:1"], toy.Step());
        Assert.Equal(["a:1", "b:1", "c:2"], toy.Step());
    }

    [Fact]
    public void No_more_sequences_run_than_allowed()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 2 }, 16);
        Sequence a = toy.Add(New(1));
        toy.Add(New(1));
        toy.Add(New(1));

        Assert.Equal(["a:1", "b:1"], toy.Step());
        toy.Scheduler.Remove(a);
        Assert.Equal(["b:1", "c:1"], toy.Step());
    }

    [Fact]
    public void A_higher_priority_goes_first_and_takes_a_slot_from_a_lower_one()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 1 }, 16);
        toy.Add(New(4));
        Assert.Equal(["a:4"], toy.Step());
        toy.Add(New(4));
        Sequence c = toy.Add(New(4, priority: 1));

        Assert.Equal(["c:4"], toy.Step());
        Assert.Equal(["a"], toy.Preempted);
        toy.Scheduler.Remove(c);
        Assert.Equal(["a:1"], toy.Step());
    }

    [Fact]
    public void A_higher_priority_does_not_wait_for_the_prompts_of_lower_ones()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxBatchTokens = 4, PrefillChunk = 8, MaxRunning = 3 }, 16);
        toy.Add(New(30));
        Assert.Equal(["a:4"], toy.Step());
        toy.Add(New(5, priority: 1));

        Assert.Equal(["b:4"], toy.Step());
        Assert.Equal(["a:3", "b:1"], toy.Step());
    }

    [Fact]
    public void Equal_priority_takes_no_slot()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 1 }, 16);
        toy.Add(New(4, priority: 3));
        toy.Step();
        toy.Add(New(4, priority: 3));

        Assert.Equal(["a:1"], toy.Step());
        Assert.Empty(toy.Preempted);
    }

    [Fact]
    public void A_higher_priority_takes_blocks_from_the_lowest_in_rank_only_as_needed()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 8 }, 6);
        toy.Add(New(8));
        toy.Add(New(8));
        toy.Add(New(7));
        Assert.Equal(["a:8", "b:8", "c:7"], toy.Step());

        toy.Add(New(8, priority: 1));
        Assert.Contains("d:8", toy.Step());
        Assert.Equal(["b", "c"], toy.Preempted.Order());
    }

    [Fact]
    public void The_preempted_comes_back_ahead_of_its_equals_and_computes_only_what_was_lost()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 2 }, 4);
        Sequence a = toy.Add(New(7));
        toy.Add(New(7));
        toy.Step();
        toy.Add(New(2));
        toy.Step();
        Assert.Equal(["a:1"], toy.Step());
        Assert.Equal(["b"], toy.Preempted);

        toy.Scheduler.Remove(a);
        Assert.Equal(["b:5", "c:2"], toy.Step());
    }

    [Fact]
    public void Two_prompts_that_do_not_fit_together_run_one_after_the_other()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxBatchTokens = 8, PrefillChunk = 4, MaxRunning = 4 }, 8);
        Sequence a = toy.Add(New(30));
        toy.Add(New(30));
        for (int i = 0; i < 8; i++)
            Assert.All(toy.Step(), s => Assert.StartsWith("a:", s));

        toy.Scheduler.Remove(a);
        for (int i = 0; i < 8; i++)
            Assert.Equal("b", toy.Step().Single()[..1]);
        Assert.Empty(toy.Preempted);
    }

    [Fact]
    public void The_tenant_served_least_goes_next()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 1 }, 32);
        Sequence[] greedy = [.. Enumerable.Range(0, 4).Select(_ => toy.Add(New(8, tenant: "greedy")))];
        Sequence modest = toy.Add(New(8, tenant: "modest"));

        Assert.Equal(["a:8"], toy.Step());
        toy.Scheduler.Remove(greedy[0]);
        Assert.Equal(["e:8"], toy.Step());
        toy.Scheduler.Remove(modest);
        Assert.Equal(["b:8"], toy.Step());
    }

    [Fact]
    public void A_tenant_that_comes_back_has_no_credit_for_idling()
    {
        TenantShares shares = new();
        shares.Enter("a");
        shares.Charge("a", 100);
        shares.Enter("b");

        Assert.Equal(100, shares.Served("b"));
        shares.Charge("b", 50);
        shares.Leave("b");
        shares.Enter("b");
        Assert.Equal(150, shares.Served("b"));
    }

    [Fact]
    public void A_common_prefix_is_computed_once_but_for_the_last_token()
    {
        ToyScheduler toy = new(new LlmEngineOptions(), 16);
        int[] prompt = [.. Enumerable.Range(0, 8)];
        Sequence a = toy.Add(new Sequence(1, 0, prompt));
        Assert.Equal(["a:8"], toy.Step());
        toy.Scheduler.Remove(a);

        Sequence b = toy.Add(new Sequence(2, 0, prompt));
        Assert.Equal(["b:4"], toy.Step());
        Assert.Equal(8, b.Computed);
    }

    [Fact]
    public void Different_keys_share_nothing()
    {
        ToyScheduler toy = new(new LlmEngineOptions(), 16);
        int[] prompt = [.. Enumerable.Range(0, 8)];
        toy.Add(new Sequence(1, 0, prompt) { CacheKey = "base" });
        toy.Step();
        toy.Add(new Sequence(2, 0, prompt) { CacheKey = "adapter" });

        Assert.Contains("b:8", toy.Step());
    }

    [Fact]
    public void A_paused_sequence_holds_no_blocks_and_comes_back_ahead_of_new_ones()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 1 }, 4);
        Sequence a = toy.Add(New(9));
        toy.Step();
        toy.Scheduler.Pause(a);
        Assert.Equal(4, toy.Scheduler.AvailableBlocks);
        Assert.Empty(toy.Step());

        toy.Add(New(3));
        toy.Scheduler.Resume(a);
        Assert.Equal(["a:2"], toy.Step());
    }

    [Fact]
    public void Removing_frees_the_blocks_at_once_in_every_state()
    {
        ToyScheduler toy = new(new LlmEngineOptions { MaxRunning = 2 }, 8);
        Sequence[] all = [.. Enumerable.Range(0, 4).Select(_ => toy.Add(New(6)))];
        toy.Step();
        toy.Scheduler.Pause(all[1]);
        foreach (Sequence sequence in all)
            toy.Scheduler.Remove(sequence);

        Assert.Equal(8, toy.Scheduler.AvailableBlocks);
        Assert.Equal((0, 0, 0), (toy.Scheduler.Running, toy.Scheduler.Waiting, toy.Scheduler.Paused));
    }

    private Sequence New(int tokens, int priority = 0, string tenant = "")
    {
        long arrival = _arrivals++;
        return new Sequence(arrival, 0, Enumerable.Range(0, tokens).Select(i => (int)(arrival * 1_000) + i)) { Priority = priority, Tenant = tenant };
    }
}
