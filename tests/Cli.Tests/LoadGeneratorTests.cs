using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Inference.Cli.Bench;

namespace Inference.Cli.Tests;

public class LoadGeneratorTests
{
    [Fact]
    public async Task Each_request_is_sent_once_and_its_tokens_and_gaps_are_counted()
    {
        ConcurrentBag<int> sent = [];
        int finished = 0;

        IReadOnlyList<RequestSample> samples = await LoadGenerator.RunAsync(
            new LoadPlan(Requests: 20, Concurrency: 4, RatePerSecond: null, Seed: 1), Send, _ => Interlocked.Increment(ref finished), CancellationToken.None);

        Assert.Equal(Enumerable.Range(0, 20), sent.Order());
        Assert.Equal(20, finished);
        // Messages of 1, none, 3 and i tokens: the first token starts the clock, each later one is a gap.
        Assert.All(samples.Index(), s => Assert.Equal((4 + s.Index, 3 + s.Index, null), (s.Item.Tokens, s.Item.Gaps.Count, s.Item.Error)));
        Assert.All(samples, s => Assert.InRange(s.FirstToken!.Value, TimeSpan.Zero, s.Total));

        async IAsyncEnumerable<int> Send(int index, [EnumeratorCancellation] CancellationToken cancellation)
        {
            sent.Add(index);
            yield return 1;
            await Task.Yield();
            yield return 0;
            yield return 3;
            yield return index;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1e6)]
    public async Task No_more_requests_are_under_way_than_the_plan_allows(double? rate)
    {
        TaskCompletionSource full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int running = 0, most = 0;

        await LoadGenerator.RunAsync(new LoadPlan(30, 3, rate, 1), Send, _ => { }, CancellationToken.None);

        Assert.Equal(3, most);

        async IAsyncEnumerable<int> Send(int index, [EnumeratorCancellation] CancellationToken cancellation)
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (now == 3)
            {
                full.TrySetResult();
            }

            // The first ones wait until the plan's room is taken.
            await full.Task.WaitAsync(TimeSpan.FromMinutes(1), cancellation);
            yield return 1;
            await Task.Yield();
            Interlocked.Decrement(ref running);
        }
    }

    [Fact]
    public async Task A_request_that_fails_keeps_its_message_and_its_tokens_and_the_others_go_on()
    {
        IReadOnlyList<RequestSample> samples = await LoadGenerator.RunAsync(new LoadPlan(6, 2, null, 1), Send, _ => { }, CancellationToken.None);

        Assert.Equal([null, "request 1 broke", null, null, "request 4 broke", null], samples.Select(s => s.Error));
        Assert.All(samples, s => Assert.Equal(2, s.Tokens));

        async IAsyncEnumerable<int> Send(int index, [EnumeratorCancellation] CancellationToken cancellation)
        {
            yield return 2;
            await Task.Yield();
            if (index % 3 == 1)
            {
                throw new InvalidOperationException($"request {index} broke");
            }
        }
    }

    [Fact]
    public async Task Cancellation_ends_the_run()
    {
        using CancellationTokenSource source = new();

        Task<IReadOnlyList<RequestSample>> run = LoadGenerator.RunAsync(new LoadPlan(4, 2, null, 1), Send, _ => { }, source.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromMinutes(1)));

        async IAsyncEnumerable<int> Send(int index, [EnumeratorCancellation] CancellationToken cancellation)
        {
            yield return 1;
            await source.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = target; value > seen; seen = target)
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
