using FsCheck;
using FsCheck.Fluent;

namespace Inference.Generation.Tests;

/// <summary>What must hold for any load: random arrivals, priorities, tenants, pauses and cancellations on a tight cache.</summary>
public class SchedulerProperties
{
    [Fact]
    public void Any_load_ends_with_all_blocks_free_within_budget_and_rank() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Run(new Random(seed))));

    private static void Run(Random random)
    {
        const int BlockLength = 4;
        LlmEngineOptions options = new()
        {
            MaxBatchTokens = random.Next(4, 24),
            MaxRunning = random.Next(1, 5),
            PrefillChunk = random.Next(1, 12),
        };
        BlockManager blocks = new(random.Next(6, 24), BlockLength);
        PrefixCache cache = new(blocks);
        Scheduler scheduler = new(options, blocks, cache);
        int limit = blocks.TotalBlocks * BlockLength;
        Dictionary<Sequence, int> lengths = [];
        List<Sequence> toArrive = [.. Enumerable.Range(0, random.Next(1, 25)).Select(i => New(i))];
        List<Sequence> live = [];

        for (int step = 0; toArrive.Count + live.Count > 0; step++)
        {
            Assert.True(step < 5_000, "every request ends");
            Disturb();
            bool idle = live.All(s => s.State == SequenceState.Paused);
            ScheduledStep scheduled = scheduler.Schedule();
            Assert.True(idle || scheduled.Items.Count > 0, "something runs while something can");
            Assert.InRange(scheduled.TokenCount, 0, options.MaxBatchTokens);
            Assert.InRange(scheduler.Running, 0, options.MaxRunning);
            CheckBlocks();
            CheckPriorities();
            CheckNothingTwice(scheduled.Items);
            foreach (ScheduledSequence item in scheduled.Items)
                Finish(item);
            scheduler.Learn(scheduled, TimeSpan.FromMilliseconds(random.Next(3) * random.Next(100)));
        }

        Assert.Equal(blocks.TotalBlocks, scheduler.AvailableBlocks);
        while (cache.EvictableBlocks > 0)
            cache.Evict();
        Assert.Equal(blocks.TotalBlocks, blocks.EmptyBlocks);

        Sequence New(int i)
        {
            int prompt = random.Next(1, limit - 1);
            Sequence sequence = new(i, 0, Enumerable.Range(0, prompt).Select(t => random.Next(8) == 0 ? 1 : 0))
            {
                Priority = random.Next(3),
                Tenant = "t" + random.Next(3),
            };
            lengths[sequence] = random.Next(prompt + 1, limit + 1);
            return sequence;
        }

        void Disturb()
        {
            while (toArrive.Count > 0 && random.Next(3) == 0)
            {
                scheduler.Add(toArrive[0]);
                live.Add(toArrive[0]);
                toArrive.RemoveAt(0);
            }

            foreach (Sequence sequence in live.ToArray())
            {
                if (sequence.State == SequenceState.Paused)
                {
                    if (random.Next(4) == 0)
                        scheduler.Resume(sequence);
                }
                else if (random.Next(60) == 0)
                {
                    scheduler.Pause(sequence);
                }
                else if (random.Next(100) == 0)
                {
                    scheduler.Remove(sequence);
                    live.Remove(sequence);
                }
            }
        }

        void CheckBlocks()
        {
            int[] held = [.. live.SelectMany(s => s.BlockTable.ToArray())];
            Assert.Equal(blocks.TotalBlocks, held.Distinct().Count() + scheduler.AvailableBlocks);
            Assert.All(live.Where(s => s.State != SequenceState.Running), s => Assert.Equal(0, s.BlockCount));
            Assert.All(live, s => Assert.True(s.BlockCount * BlockLength >= s.Computed));
        }

        // Nobody waits in favour of a lower priority: without all of those, it would still not fit.
        void CheckPriorities()
        {
            foreach (Sequence waiting in live.Where(s => s.State == SequenceState.Waiting))
            {
                if (live.Any(s => s.State == SequenceState.Waiting && s.Priority > waiting.Priority))
                    continue;
                Sequence[] lower = [.. live.Where(s => s.State == SequenceState.Running && s.Priority < waiting.Priority)];
                Assert.True(lower.Length == 0 || live.Any(s => s.State == SequenceState.Running && s.Priority >= waiting.Priority));
            }
        }

        // A block that two sequences could share is not computed by both in one step.
        void CheckNothingTwice(IReadOnlyList<ScheduledSequence> items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                int end = ((items[i].First / BlockLength) + 1) * BlockLength;
                foreach (ScheduledSequence ahead in items.Take(i).Where(a => a.First / BlockLength == items[i].First / BlockLength))
                {
                    bool shareable = end < items[i].Sequence.TokenCount && end <= ahead.Sequence.TokenCount;
                    Assert.False(shareable && items[i].Sequence.Tokens[..end].SequenceEqual(ahead.Sequence.Tokens[..end]));
                }
            }
        }

        void Finish(ScheduledSequence item)
        {
            bool samples = item.Samples;
            scheduler.Advance(item);
            if (samples)
                item.Sequence.Append(random.Next(8) == 0 ? 1 : 0);
            if (item.Sequence.TokenCount >= lengths[item.Sequence])
            {
                scheduler.Remove(item.Sequence);
                live.Remove(item.Sequence);
            }
        }
    }
}
