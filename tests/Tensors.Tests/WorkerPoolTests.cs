using Inference.Tensors.Cpu;

namespace Inference.Tensors.Tests;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_item_is_run_once_by_a_worker_of_the_pool(int threads)
    {
        using WorkerPool pool = new(threads);
        foreach (int count in new[] { 0, 1, 2, 3, 100, 1000 })
        {
            int[] runs = new int[count];
            pool.For(count, (item, worker) =>
            {
                Assert.InRange(worker, 0, threads - 1);
                Interlocked.Increment(ref runs[item]);
            });
            Assert.All(runs, run => Assert.Equal(1, run));
        }
    }

    [Fact]
    public void A_worker_number_is_never_used_by_two_threads_at_once()
    {
        using WorkerPool pool = new(4);
        int[] users = new int[4];
        pool.For(2000, (_, worker) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref users[worker]));
            Interlocked.Decrement(ref users[worker]);
        });
    }

    [Fact]
    public void Many_short_jobs_all_end_whether_workers_spin_or_park()
    {
        using WorkerPool pool = new(3);
        long sum = 0;
        for (int job = 0; job < 5000; job++)
        {
            pool.For(4, (item, _) => Interlocked.Add(ref sum, item));
            if (job % 1000 == 0)
            {
                using ManualResetEventSlim pause = new();
                pause.Wait(TimeSpan.FromMilliseconds(5));
            }
        }

        Assert.Equal(5000 * 6, sum);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_in_an_item_is_thrown_to_the_caller_and_the_pool_goes_on(int threads)
    {
        using WorkerPool pool = new(threads);
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(
            () => pool.For(50, (item, _) => _ = item == 17 ? throw new InvalidOperationException("item 17") : 0));
        Assert.Equal("item 17", thrown.Message);
        int runs = 0;
        pool.For(50, (_, _) => Interlocked.Increment(ref runs));
        Assert.Equal(50, runs);
    }

    [Fact]
    public void Dispose_ends_the_threads()
    {
        WorkerPool pool = new(3);
        Thread[] seen = new Thread[3];
        while (seen.Any(thread => thread is null))
        {
            pool.For(100, (_, worker) => seen[worker] = Thread.CurrentThread);
        }

        pool.Dispose();
        Assert.All(seen[1..], thread => Assert.False(thread.IsAlive));
    }
}
