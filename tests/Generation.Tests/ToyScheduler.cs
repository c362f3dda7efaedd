namespace Inference.Generation.Tests;

/// <summary>A scheduler over blocks of 4 tokens; every sampled token is 7.</summary>
internal sealed class ToyScheduler
{
    private readonly List<Sequence> _all = [];

    public ToyScheduler(LlmEngineOptions options, int blockCount)
    {
        BlockManager blocks = new(blockCount, 4);
        Scheduler = new Scheduler(options, blocks, new PrefixCache(blocks));
    }

    public Scheduler Scheduler { get; }

    public List<string> Preempted { get; } = [];

    public Sequence Add(Sequence sequence)
    {
        _all.Add(sequence);
        Scheduler.Add(sequence);
        return sequence;
    }

    /// <summary>Runs a step; each share as "name:tokens", named a, b, ... in the order of addition.</summary>
    public string[] Step()
    {
        ScheduledStep step = Scheduler.Schedule();
        Preempted.AddRange(step.Preempted.Select(Name));
        string[] shares = [.. step.Items.Select(i => $"{Name(i.Sequence)}:{i.Count}").Order()];
        foreach (ScheduledSequence item in step.Items)
        {
            bool samples = item.Samples;
            Scheduler.Advance(item);
            if (samples)
                item.Sequence.Append(7);
        }

        return shares;
    }

    private string Name(Sequence sequence) => ((char)('a' + _all.IndexOf(sequence))).ToString();
}
