using System.Diagnostics;

namespace Inference.Cli.Bench;

/// <summary>
/// Offers a plan's load to a stream of token counts and times what comes back. Latency counts from the time a request
/// was due, so that a server that falls behind cannot hide it.
/// </summary>
internal static class LoadGenerator
{
    /// <param name="plan">What to offer.</param>
    /// <param name="send">Starts request i; yields the number of tokens of each message.</param>
    /// <param name="finished">Called as requests end.</param>
    /// <param name="cancellation">Ends the run.</param>
    public static async Task<IReadOnlyList<RequestSample>> RunAsync(
        LoadPlan plan, Func<int, CancellationToken, IAsyncEnumerable<int>> send, Action<RequestSample> finished, CancellationToken cancellation)
    {
        RequestSample[] samples = new RequestSample[plan.Requests];
        using SemaphoreSlim room = new(plan.Concurrency);
        Random random = new(plan.Seed);
        List<Task> tasks = [];
        long start = Stopwatch.GetTimestamp();
        TimeSpan due = TimeSpan.Zero;
        for (int i = 0; i < plan.Requests; i++)
        {
            if (plan.RatePerSecond is { } rate)
            {
                due += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate);
                TimeSpan wait = due - Stopwatch.GetElapsedTime(start);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, cancellation);
                }
            }

            long arrival = Stopwatch.GetTimestamp();
            if (plan.RatePerSecond is null)
            {
                await room.WaitAsync(cancellation);
                arrival = Stopwatch.GetTimestamp();
            }

            int index = i;
            tasks.Add(Task.Run(
                async () =>
                {
                    if (plan.RatePerSecond is not null)
                    {
                        await room.WaitAsync(cancellation);
                    }

                    try
                    {
                        samples[index] = await MeasureAsync(send(index, cancellation), arrival, cancellation);
                        finished(samples[index]);
                    }
                    finally
                    {
                        room.Release();
                    }
                },
                cancellation));
        }

        await Task.WhenAll(tasks);
        return samples;
    }

    private static async Task<RequestSample> MeasureAsync(IAsyncEnumerable<int> stream, long arrival, CancellationToken cancellation)
    {
        int tokens = 0;
        TimeSpan? first = null;
        TimeSpan last = TimeSpan.Zero;
        List<TimeSpan> gaps = [];
        string? error = null;
        try
        {
            await foreach (int count in stream.WithCancellation(cancellation))
            {
                if (count == 0)
                {
                    continue;
                }

                TimeSpan now = Stopwatch.GetElapsedTime(arrival);
                if (first is null)
                {
                    first = now;
                }
                else
                {
                    gaps.AddRange(Enumerable.Repeat((now - last) / count, count));
                }

                last = now;
                tokens += count;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            error = e.Message;
        }

        return new RequestSample(tokens, first, Stopwatch.GetElapsedTime(arrival), gaps, error);
    }
}
