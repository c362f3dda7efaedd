using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Jobs.Tests;

/// <summary>What may happen at the same moment.</summary>
public class RaceTests
{
    private const int Races = 10_000;

    [Theory, OnSqlite, OnPostgres]
    public async Task Cancel_against_complete_ten_thousand_times_has_one_winner_each_time(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        IJobStore other = await queue.OpenAsync();

        // The jobs start out running at epoch 1: only the race is of interest.
        await queue.ExecuteAsync(
            $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Races})
            INSERT INTO jobs (tenant, submit_key, kind, payload, priority, slot_kind, state, cancel_requested, pause_requested, epoch, attempt,
              fruitless_attempts, memory_reductions, progress, rank, due_at, lease_until, created_at, last_event)
            SELECT '', i, 'steps', '', 0, 'cpu', 'running', {False(kind)}, {False(kind)}, 1, 1, 0, 0, 0, 0, 0, 9000000000000, 0, 0 FROM n
            """);
        JobState[] finals = new JobState[Races + 1];
        int next = 0, cancelled = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var id && id <= Races)
            {
                // Who starts takes turns: started second, either would hardly ever win.
                Task<bool> cancel;
                Task<Job> complete;
                if (id % 2 == 0)
                {
                    cancel = CancelAsync(queue.Store, id);
                    complete = other.CompleteAsync(new LeaseId(id, 1), $"result {id}");
                }
                else
                {
                    complete = other.CompleteAsync(new LeaseId(id, 1), $"result {id}");
                    cancel = CancelAsync(queue.Store, id);
                }

                finals[id] = (await complete).State;
                Assert.Equal(await cancel ? JobState.Cancelled : JobState.Succeeded, finals[id]);
                Interlocked.Add(ref cancelled, finals[id] == JobState.Cancelled ? 1 : 0);
            }
        })));

        List<Job> jobs = await ListAllAsync(queue.Store);
        Assert.Equal(Races, jobs.Count);
        Assert.All(jobs, j => Assert.Equal(finals[j.Id], j.State));
        Assert.All(jobs, j => Assert.Equal(j.State == JobState.Succeeded ? $"result {j.Id}" : null, j.Result));
        Assert.All(jobs, j => Assert.Equal(j.State == JobState.Succeeded ? 1 : 2, j.LastEvent));
        Assert.InRange(cancelled, 1, Races - 1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Two_workers_with_one_slot_never_run_two_jobs_at_once(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        IJobStore other = await queue.OpenAsync();
        int inside = 0, most = 0, runs = 0;
        Lock gate = new();
        Dictionary<string, JobHandler> handlers = new()
        {
            ["short"] = async (lease, stopping) =>
            {
                int now = Interlocked.Increment(ref inside);
                lock (gate)
                    (most, runs) = (Math.Max(most, now), runs + 1);
                await Task.Delay(5, stopping);
                Interlocked.Decrement(ref inside);
                return "done";
            },
        };
        for (int i = 0; i < 40; i++)
            await queue.Store.SubmitAsync(new JobSubmission { Kind = "short" });
        using CancellationTokenSource stop = new();
        Task[] running = [.. ((IJobStore[])[queue.Store, other]).Select((store, i) => new JobRunner(
            store, handlers, new JobRunnerOptions { Worker = $"w{i}", Node = "shared", PollInterval = TimeSpan.FromMilliseconds(5) },
            TimeProvider.System, NullLogger<JobRunner>.Instance).RunAsync(stop.Token))];

        await WaitForEndAsync(queue);
        await stop.CancelAsync();
        await Task.WhenAll(running);

        Assert.Equal((1, 40), (most, runs));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_thousand_jobs_over_four_workers_killed_at_random_end_once_each(StoreKind kind)
    {
        const int Jobs = 1_000, Workers = 4;
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Random random = new(11);
        List<long> ids = [];
        for (int i = 0; i < Jobs; i++)
            ids.Add((await queue.Store.SubmitAsync(new JobSubmission { Kind = "short", Payload = $"{i}" })).Id);
        TimeSpan lease = TimeSpan.FromSeconds(1);
        WorkerProcess[] workers = [.. Enumerable.Range(0, Workers).Select(i => WorkerProcess.Start(queue, $"w{i}", lease))];
        int killed = 0;
        try
        {
            // A kill at every hundredth end, whenever that comes: so there are always some, on any machine.
            for (int ended = 0; ended < Jobs;)
            {
                await Task.Delay(random.Next(5, 40));
                int now = (int)await queue.ScalarAsync("SELECT count(*) FROM jobs WHERE state = 'succeeded'");
                if (now / 100 > ended / 100 && now < Jobs)
                {
                    int victim = random.Next(Workers);
                    await workers[victim].KillAsync();
                    await workers[victim].DisposeAsync();
                    workers[victim] = WorkerProcess.Start(queue, $"w{victim}", lease);
                    killed++;
                }

                ended = now;
            }
        }
        finally
        {
            foreach (WorkerProcess worker in workers)
                await worker.DisposeAsync();
        }

        List<Job> jobs = await ListAllAsync(queue.Store);
        Assert.Equal(ids.Order(), jobs.Select(j => j.Id).Order());
        Assert.All(jobs, j => Assert.Equal(JobState.Succeeded, j.State));
        foreach (Job job in jobs)
        {
            Assert.Equal(Path.Combine(queue.Artifacts, $"{job.Id}-{job.Epoch}"), job.Result);
            Assert.Equal(job.Payload, await File.ReadAllTextAsync(job.Result!));
            IReadOnlyList<JobEvent> events = await queue.Store.ListEventsAsync(job.Id);
            Assert.Single(events, e => e.Kind == "job.succeeded");
            Assert.Equal("job.succeeded", events[^1].Kind);
        }

        Assert.True(killed >= 5, $"only {killed} workers were killed");
    }

    private static string False(StoreKind kind) => kind == StoreKind.Postgres ? "false" : "0";

    private static async Task<bool> CancelAsync(IJobStore store, long id)
    {
        try
        {
            await store.CancelAsync(id);
            return true;
        }
        catch (JobStateException)
        {
            return false;
        }
    }

    private static async Task WaitForEndAsync(TestQueue queue)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (await queue.ScalarAsync("SELECT count(*) FROM jobs WHERE ended_at IS NULL") > 0)
            await Task.Delay(10, limit.Token);
    }

    private static async Task<List<Job>> ListAllAsync(IJobStore store)
    {
        List<Job> jobs = [];
        long? before = null;
        do
        {
            JobPage page = await store.ListAsync(new JobFilter { Limit = JobFilter.MaxLimit, Before = before });
            jobs.AddRange(page.Jobs);
            before = page.Next;
        }
        while (before is not null);
        return jobs;
    }
}
