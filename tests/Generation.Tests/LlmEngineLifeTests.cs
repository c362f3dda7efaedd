using Inference.TestSupport;
using static Inference.Generation.Tests.EngineFixture;

namespace Inference.Generation.Tests;

/// <summary>Leaving, lagging, crowding and draining; mostly with the test in the place of the engine's thread.</summary>
public class LlmEngineLifeTests
{
    [Fact]
    public async Task A_cancelled_request_frees_its_blocks_in_the_next_step_and_ends_as_cancelled()
    {
        await using LlmEngine engine = Make();
        using CancellationTokenSource cancellation = new();
        Task<Result> reading = Collect(engine, Request("to be cancelled", 400), cancellation.Token);
        for (int i = 0; i < 5; i++)
            engine.Step();
        Assert.Equal(2, engine.Statistics.UsedBlocks);

        await cancellation.CancelAsync();
        engine.Step();
        Assert.Equal((0, 0, 0), (engine.Statistics.UsedBlocks, engine.Statistics.Running, engine.Statistics.LiveRequests));
        Result result = await reading;
        Assert.Equal(FinishReason.Cancelled, result.Finishes[0]);
        Assert.Equal(new GenerationUsage(15, 5, 0), result.Usage);
    }

    [Fact]
    public async Task Leaving_the_enumeration_frees_the_blocks_in_the_next_step()
    {
        await using LlmEngine engine = Make();
        IAsyncEnumerator<GenerationUpdate> reader = engine.GenerateAsync(Request("left alone", 400)).GetAsyncEnumerator();
        ValueTask<bool> first = reader.MoveNextAsync();
        engine.Step();
        Assert.True(await first);

        await reader.DisposeAsync();
        engine.Step();
        Assert.Equal((0, 0), (engine.Statistics.UsedBlocks, engine.Statistics.LiveRequests));
    }

    [Fact]
    public async Task A_request_cancelled_while_it_waits_never_runs()
    {
        int steps = 0;
        await using LlmEngine engine = Make(null, new ToyModel { OnForward = _ => steps++ });
        using CancellationTokenSource cancellation = new();
        Task<Result> reading = Collect(engine, Request("waits"), cancellation.Token);
        await cancellation.CancelAsync();

        Assert.False(engine.Step());
        Assert.Equal(FinishReason.Cancelled, (await reading).Finishes[0]);
        Assert.Equal(0, steps);
    }

    [Fact]
    public async Task A_reader_that_lags_pauses_its_own_request_and_misses_nothing()
    {
        LlmEngineOptions options = new() { MaxUnreadTokens = 4, MaxRunning = 1 };
        List<int> expected;
        await using (LlmEngine alone = Start())
            expected = (await Collect(alone, Request("slow", 20))).Tokens[0];

        await using LlmEngine engine = Make(options);
        await using IAsyncEnumerator<GenerationUpdate> slow = engine.GenerateAsync(Request("slow", 20)).GetAsyncEnumerator();
        ValueTask<bool> next = slow.MoveNextAsync();
        engine.Step();
        Assert.True(await next);
        List<int> tokens = [.. slow.Current.Deltas[0].TokenIds];

        Task<Result> other = Collect(engine, Request("quick", 3));
        for (int i = 0; i < 30 && !other.IsCompleted; i++)
        {
            engine.Step();
            await Task.Yield();
        }

        for (int i = 0; i < 30; i++)
            engine.Step();
        Assert.False(engine.Step());
        Assert.Equal(0, engine.Statistics.UsedBlocks);
        Assert.Equal(1, engine.Statistics.Waiting);
        Assert.Equal(3, (await other).Tokens[0].Count);

        do
        {
            next = slow.MoveNextAsync();
            for (int i = 0; i < 10; i++)
                engine.Step();
            Assert.True(await next);
            Assert.InRange(slow.Current.Deltas[0].TokenIds.Count, 1, 4);
            tokens.AddRange(slow.Current.Deltas[0].TokenIds);
        }
        while (slow.Current.Usage is null);
        Assert.Equal(expected, tokens);
        Assert.Equal(0, engine.Statistics.Preemptions);
    }

    [Fact]
    public async Task A_full_queue_refuses_with_its_limit_and_a_time_from_the_rate_of_service()
    {
        ManualTime time = new();
        await using LlmEngine engine = Make(new LlmEngineOptions { MaxRunning = 1, MaxWaiting = 2 }, time: time);
        Task<Result>[] first = Fill();
        QueueFullException unknown = await Assert.ThrowsAsync<QueueFullException>(() => Collect(engine, Request("one too many", 1)));
        Assert.Equal((2, TimeSpan.FromSeconds(1)), (unknown.Limit, unknown.RetryAfter));
        await Serve(first);

        Task<Result>[] second = Fill();
        QueueFullException known = await Assert.ThrowsAsync<QueueFullException>(() => Collect(engine, Request("one too many", 1)));

        // Three left at 2, 4 and 6 s: one in 4/3 s since the first; half of the three that wait, and one.
        Assert.Equal(2 * 4 / 3.0, known.RetryAfter.TotalSeconds, 1e-6);
        await Serve(second);

        Task<Result>[] Fill() => [.. Enumerable.Range(0, 3).Select(i => Collect(engine, Request("r" + i, 1)))];

        async Task Serve(Task<Result>[] requests)
        {
            foreach (Task<Result> request in requests)
            {
                time.Advance(TimeSpan.FromSeconds(2));
                engine.Step();
                await request;
            }
        }
    }

    [Fact]
    public async Task Timing_tells_queue_prefill_and_decode_apart()
    {
        ManualTime time = new();
        ToyModel model = new() { OnForward = _ => time.Advance(TimeSpan.FromSeconds(1)) };
        await using LlmEngine engine = Make(new LlmEngineOptions { PrefillChunk = 4 }, model, time: time);
        Task<Result> reading = Collect(engine, Request("0123456789", 4));
        time.Advance(TimeSpan.FromSeconds(5));
        while (engine.Step())
        {
            // Three steps of prompt, the last with a token, and three of decode.
        }

        GenerationTiming timing = (await reading).Timing;
        Assert.Equal(
            new GenerationTiming(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(11)),
            timing);
    }

    [Fact]
    public async Task Draining_refuses_new_requests_and_finishes_the_others()
    {
        await using LlmEngine engine = Make(new LlmEngineOptions { MaxRunning = 1 });
        Task<Result> running = Collect(engine, Request("running", 3));
        Task<Result> waiting = Collect(engine, Request("waiting", 3));
        engine.Step();
        Task drained = engine.DrainAsync(TimeSpan.FromMinutes(1));

        Assert.True(engine.IsDraining);
        await Assert.ThrowsAsync<EngineDrainingException>(() => Collect(engine, Request("new")));
        Assert.False(drained.IsCompleted);
        while (engine.Step())
        {
            // Until nothing is left.
        }

        await drained;
        Assert.Equal((FinishReason.Length, FinishReason.Length), ((await running).Finishes[0], (await waiting).Finishes[0]));
    }

    [Fact]
    public async Task What_is_left_when_draining_times_out_ends_as_cancelled()
    {
        ManualTime time = new();
        await using LlmEngine engine = Make(time: time);
        Task<Result> endless = Collect(engine, Request("endless", 400));
        engine.Step();
        Task drained = engine.DrainAsync(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(29));
        engine.Step();
        Assert.False(endless.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(1));
        while (!drained.IsCompleted)
        {
            engine.Step();
            await Task.Yield();
        }

        Assert.Equal(FinishReason.Cancelled, (await endless).Finishes[0]);
    }

    [Fact]
    public async Task Disposing_ends_what_runs_as_cancelled_and_stops_the_thread()
    {
        LlmEngine engine = Start(new LlmEngineOptions { MaxUnreadTokens = 65_536 }, new ToyModel(100_000));
        Task<Result> reading = Collect(engine, Request("long", 90_000));
        await engine.DisposeAsync();
        await engine.DisposeAsync();

        Assert.Equal(FinishReason.Cancelled, (await reading).Finishes[0]);
        await Assert.ThrowsAsync<EngineDrainingException>(() => Collect(engine, Request("late")));
    }

    [Fact]
    public async Task Two_hundred_streams_at_once_all_end_and_leave_nothing()
    {
        await using LlmEngine engine = Start();
        await Round();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await Round();
        long after = GC.GetTotalMemory(forceFullCollection: true);

        Assert.InRange(after - before, long.MinValue, 2_000_000);
        EngineStatistics statistics = engine.Statistics;
        Assert.Equal((0, 0, 0, 0), (statistics.Running, statistics.Waiting, statistics.LiveRequests, statistics.UsedBlocks));

        async Task Round()
        {
            Result[] results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Collect(engine, Request($"stream {i}", 12))));
            Assert.All(results, r => Assert.Equal(12, r.Tokens[0].Count));
        }
    }

    [Fact]
    public async Task Past_the_limit_each_stream_ends_or_is_refused()
    {
        await using LlmEngine engine = Start(new LlmEngineOptions { MaxRunning = 4, MaxWaiting = 10 });
        int refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            try
            {
                Assert.Equal(12, (await Collect(engine, Request($"stream {i}", 12))).Tokens[0].Count);
            }
            catch (QueueFullException full)
            {
                Assert.True(full.RetryAfter > TimeSpan.Zero);
                Interlocked.Increment(ref refused);
            }
        }));

        Assert.InRange(refused, 0, 199);
        Assert.Equal((0, 0), (engine.Statistics.LiveRequests, engine.Statistics.UsedBlocks));
    }

    [Fact]
    public async Task A_higher_priority_overtakes_and_the_overtaken_still_gets_its_tokens()
    {
        List<int> expected;
        await using (LlmEngine alone = Start())
            expected = (await Collect(alone, Request("low", 30))).Tokens[0];

        await using LlmEngine engine = Make(new LlmEngineOptions { MaxRunning = 1 });
        Task<Result> low = Collect(engine, Request("low", 30));
        for (int i = 0; i < 10; i++)
            engine.Step();
        Task<Result> high = Collect(engine, Request("high", 5) with { Priority = 10 });
        for (int i = 0; i < 5; i++)
            engine.Step();
        Assert.Equal(5, (await high).Tokens[0].Count);
        Assert.False(low.IsCompleted);
        while (engine.Step())
        {
            // Until nothing is left.
        }

        Assert.Equal(expected, (await low).Tokens[0]);
        Assert.Equal(1, engine.Statistics.Preemptions);
    }

    [Fact]
    public async Task A_failure_outside_a_step_fails_what_is_there_and_the_engine_lives_on()
    {
        FailingTime time = new();
        await using LlmEngine engine = Make(start: true, time: time);
        time.FailsOnce = () => engine.Statistics.Running == 1; // first true between steps: after one that the request ran in
        GenerationFailedException error = await Assert.ThrowsAsync<GenerationFailedException>(() => Collect(engine, Request("unlucky")));

        Assert.Contains("no clock", error.Message);
        Assert.Equal(8, (await Collect(engine, Request("lucky"))).Tokens[0].Count);
        Assert.Equal((0, 0), (engine.Statistics.LiveRequests, engine.Statistics.UsedBlocks));
    }

    /// <summary>Fails once on the engine's thread, when the condition holds.</summary>
    private sealed class FailingTime : TimeProvider
    {
        public Func<bool>? FailsOnce { get; set; }

        public override long GetTimestamp()
        {
            if (Thread.CurrentThread.Name == "engine toy" && FailsOnce?.Invoke() == true)
            {
                FailsOnce = null;
                throw new InvalidOperationException("no clock");
            }

            return base.GetTimestamp();
        }
    }
}
