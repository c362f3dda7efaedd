using FsCheck;
using FsCheck.Fluent;

namespace Inference.Jobs.Tests;

/// <summary>What holds for any sequence of operations, by any workers, in any order.</summary>
public class StateMachineProperties
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory, OnSqlite(60), OnPostgres(30)]
    public async Task Any_life_keeps_epochs_rising_and_ends_in_one_state(StoreKind kind, int runs)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(
            kind, new JobStoreOptions { BackOff = TimeSpan.Zero, PollInterval = TimeSpan.FromMilliseconds(10) });
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(runs),
            Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => new Life(queue.Store, new Random(seed)).RunAsync().GetAwaiter().GetResult()));
        Assert.Equal(0, await queue.ScalarAsync("SELECT count(*) FROM jobs WHERE ended_at IS NULL"));
    }

    [Fact]
    public void The_table_of_transitions_is_complete_and_terminal_states_are_left_by_retry_only()
    {
        foreach (JobState from in Enum.GetValues<JobState>())
        {
            JobState[] next = [.. Enum.GetValues<JobState>().Where(to => JobStateMachine.Allows(from, to))];
            Assert.DoesNotContain(JobState.Validating, next);
            Assert.Equal(from.IsTerminal(), !next.Except([JobState.Queued]).Any());
            Assert.Equal(from == JobState.Queued, next.Contains(JobState.Running));
            Assert.Equal(from == JobState.Running, next.Contains(JobState.Succeeded));
        }
    }

    /// <summary>Some jobs, three workers that also use leases they have lost, and people who ask for everything at any time.</summary>
    private sealed class Life(IJobStore store, Random random)
    {
        private readonly List<long> _ids = [];
        private readonly List<LeaseId> _leases = [];
        private readonly Dictionary<long, Job> _seen = [];
        private readonly Dictionary<long, int> _retries = [];

        public async Task RunAsync()
        {
            int jobs = random.Next(1, 5), steps = random.Next(5, 40);
            for (int i = 0; i < jobs; i++)
                await SubmitAsync();
            for (int i = 0; i < steps; i++)
            {
                await DisturbAsync();
                await ObserveAsync();
            }

            await FinishAsync();
            foreach (long id in _ids)
            {
                IReadOnlyList<JobEvent> events = await store.ListEventsAsync(id);
                int ends = events.Count(e => e.Kind is "job.succeeded" or "job.failed" or "job.cancelled" or "job.dead");
                Assert.True(1 + _retries.GetValueOrDefault(id) == ends, string.Join('\n', events));
                Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.Sequence));
            }
        }

        private async Task SubmitAsync()
        {
            // Not from the seed: another life may have the same one.
            JobSubmission submission = Requests.Steps with { SubmitKey = Guid.NewGuid().ToString(), NeedsValidation = random.Next(4) == 0, Priority = random.Next(3) };
            Job job = await store.SubmitAsync(submission);
            Assert.Equal(job.Id, (await store.SubmitAsync(submission)).Id);
            _ids.Add(job.Id);
        }

        private async Task DisturbAsync()
        {
            long id = _ids[random.Next(_ids.Count)];
            LeaseId lease = _leases.Count > 0 ? _leases[random.Next(_leases.Count)] : new LeaseId(id, 1);
            try
            {
                switch (random.Next(14))
                {
                    case 0: await store.AcceptAsync(id); break;
                    case 1: await store.RejectAsync(id, "bad"); break;
                    case 2: await store.CancelAsync(id); break;
                    case 3: await store.PauseAsync(id); break;
                    case 4: await store.ResumeAsync(id); break;
                    case 5:
                        bool hadEnded = _seen.TryGetValue(id, out Job? job) && job.State.IsTerminal();
                        await store.RetryAsync(id);
                        _retries[id] = _retries.GetValueOrDefault(id) + (hadEnded ? 1 : 0);
                        _seen.Remove(id);
                        break;
                    case 6: await store.CompleteAsync(lease, "result"); break;
                    case 7: await store.FailAsync(lease, new JobFailure((FailureKind)random.Next(4), "failed")); break;
                    case 8: await store.ReleaseAsync(lease); break;
                    case 9: await store.RecordCheckpointAsync(lease, random.Next(1, 9), "checkpoint"); break;
                    case 10: store.Heartbeat(lease, Hour); break;
                    default:
                        TimeSpan duration = random.Next(2) == 0 ? Hour : TimeSpan.FromMilliseconds(1);
                        if (await store.ClaimAsync(Requests.Claim($"w{random.Next(3)}", lease: duration)) is { } claimed)
                            _leases.Add(claimed.Lease);
                        break;
                }
            }
            catch (Exception e) when (e is JobStateException or LeaseLostException)
            {
                // Refused: then nothing may have changed, which the next observation would show.
                Assert.NotEmpty(e.Message);
            }
        }

        private async Task ObserveAsync()
        {
            // The newest jobs are this life's: lives come one after the other.
            IReadOnlyList<Job> jobs = (await store.ListAsync(new JobFilter { Limit = _ids.Count })).Jobs;
            Assert.Equal(_ids.Order(), jobs.Select(j => j.Id).Order());
            foreach (Job now in jobs)
            {
                long id = now.Id;
                if (_seen.TryGetValue(id, out Job? before))
                {
                    Assert.True(now.Epoch >= before.Epoch, $"job {id}: epoch {before.Epoch} fell to {now.Epoch}");
                    Assert.True(now.Attempt == before.Attempt || now.Epoch > before.Epoch, $"job {id}: a new attempt at the same epoch");
                    Assert.True(now.LastEvent >= before.LastEvent);
                    Assert.True(!before.State.IsTerminal() || now == before, $"job {id} had ended as {before.State} and changed");
                    Assert.True(!before.CancelRequested || now.State is JobState.Running or JobState.Cancelled, $"job {id} outlived a cancel");
                }

                Assert.Equal(now.State == JobState.Running, now.LeaseUntil is not null);
                Assert.Equal(now.State == JobState.Succeeded, now.Result is not null);
                _seen[id] = now;
            }
        }

        /// <summary>Lifts what waits for people, then runs what is left.</summary>
        private async Task FinishAsync()
        {
            foreach (long id in _ids)
            {
                for (Job job = (await store.FindAsync(id))!; !job.State.IsTerminal(); job = (await store.FindAsync(id))!)
                {
                    if (job.State == JobState.Validating)
                        await store.AcceptAsync(id);
                    else if (job.State == JobState.Paused)
                        await store.ResumeAsync(id);
                    else if (job.State == JobState.Running && !store.Heartbeat(job.Lease, Hour).Held)
                        await store.ReclaimExpiredAsync();
                    else if (job.State == JobState.Running)
                        await store.CompleteAsync(job.Lease, "result");
                    else if (await store.ClaimAsync(Requests.Claim("finisher")) is { } next)
                        await store.CompleteAsync(next.Lease, "result");
                }
            }
        }
    }
}
