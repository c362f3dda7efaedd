using Inference.Generation.Speculation;

namespace Inference.Generation;

/// <summary>
/// Decides what each step runs: one token budget for decode (first) and chunks of prompts. Higher priorities go first
/// and take slots and blocks from lower ones; a sequence that lost its blocks keeps its place ahead of its equals and
/// recomputes what the prefix cache no longer has. Among equals the tenant served least goes first, then the order of
/// arrival. Prompts are admitted only where all of their blocks can be had, so two long ones cannot block each other:
/// the first in rank can always take what it needs. A prompt whose next block is computed in this step by a sequence
/// ahead of it waits for that block and shares it. Knows no tensors; deterministic; not thread-safe.
/// </summary>
internal sealed class Scheduler(LlmEngineOptions options, BlockManager blocks, PrefixCache cache)
{
    /// <summary>Logits rows of a prompt in a step, at most: they are as wide as the vocabulary.</summary>
    public const int MaxPromptLogits = 64;

    /// <summary>Rows of a step up to which their costs are told apart.</summary>
    private const int MaxCostedRows = 128;

    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _waiting = [];
    private readonly TenantShares _shares = new();
    private readonly RowCosts _decodeCosts = new(MaxCostedRows);

    public int Running => _running.Count;

    public int Waiting => _waiting.Count;

    public int Paused { get; private set; }

    /// <summary>Blocks that can be had at once.</summary>
    public int AvailableBlocks => blocks.EmptyBlocks + cache.EvictableBlocks;

    /// <summary>Puts a new sequence into the queue.</summary>
    public void Add(Sequence sequence)
    {
        _shares.Enter(sequence.Tenant);
        Enqueue(sequence);
    }

    /// <summary>Takes a sequence out; its blocks are free at once.</summary>
    public void Remove(Sequence sequence)
    {
        if (sequence.State is SequenceState.New or SequenceState.Finished)
            return;
        Withdraw(sequence);
        sequence.State = SequenceState.Finished;
        _shares.Leave(sequence.Tenant);
    }

    /// <summary>Stops scheduling a sequence whose reader lags. It gives back its blocks, and keeps its place.</summary>
    public void Pause(Sequence sequence)
    {
        Withdraw(sequence);
        sequence.HasPlace = true;
        sequence.State = SequenceState.Paused;
        Paused++;
    }

    /// <summary>Schedules a paused sequence again.</summary>
    public void Resume(Sequence sequence)
    {
        Paused--;
        Enqueue(sequence);
    }

    /// <summary>Chooses what the next step runs; empty where nothing can.</summary>
    public ScheduledStep Schedule()
    {
        Sequence[] decoding = [.. _running.Where(s => s.Remaining == 1).Order(Rank)];
        ScheduledStep step = Begin(decoding);
        foreach (Sequence sequence in decoding)
            Continue(sequence, step);
        foreach (Sequence sequence in decoding)
            AddDraft(sequence, step);
        if (step.Items.Count > 0)
            step.LimitPrefill(Pacer.PrefillTokens(step.DecodeRows, step.Decoding, step.Waiting, step.Decoding == 0 ? 0 : PromptTokens()));
        foreach (Sequence sequence in _running.Where(s => s.Remaining > 1).Order(Turn).ToArray())
        {
            AdmitAbove(sequence.Priority, step);
            if (step.PrefillBudget > 0)
                Continue(sequence, step);
        }

        AdmitAbove(int.MinValue, step);
        return step;
    }

    /// <summary>Learns what a step took, until the next could begin.</summary>
    public void Learn(ScheduledStep step, TimeSpan time) => Pacer.Learn(step.DecodeRows, step.Decoding, step.Waiting, step.PrefillTokens, time.TotalSeconds);

    /// <summary>Notes that a share of a step was computed, and how much of its guess was right.</summary>
    public void Advance(ScheduledSequence item, int accepted = 0)
    {
        Sequence sequence = item.Sequence;
        _shares.Charge(sequence.Tenant, item.Count + accepted);
        if (item.Draft.Length > 0)
            sequence.Acceptance = DraftLength.Learn(sequence.Acceptance, item.Draft.Length, accepted);
        sequence.Advance(item.Count + accepted, cache, blocks.BlockLength);
    }

    /// <summary>Running answers whose last known token is next to be computed.</summary>
    public IReadOnlyList<Sequence> Decoding => [.. _running.Where(s => s.Remaining == 1)];

    /// <summary>What steps without prompts take by their rows.</summary>
    public RowCosts DecodeCosts => _decodeCosts;

    /// <summary>Tokens of a guess at most: every answer may have as many in a step.</summary>
    public int MaxDraft => Math.Min(options.MaxDraftTokens, ((options.MaxBatchTokens - 1) / options.MaxRunning) - 1);

    private StepPacer Pacer => field ??= new StepPacer(options.MaxStepStretch, _decodeCosts);

    /// <summary>Who keeps its blocks: priority, then arrival.</summary>
    private static readonly Comparer<Sequence> Rank = Comparer<Sequence>.Create((a, b) =>
        a.Priority != b.Priority ? b.Priority.CompareTo(a.Priority)
        : a.Arrival != b.Arrival ? a.Arrival.CompareTo(b.Arrival)
        : a.Index.CompareTo(b.Index));

    /// <summary>Who is next: priority, then those that have run, then the tenant served least, then arrival.</summary>
    private Comparer<Sequence> Turn => field ??= Comparer<Sequence>.Create((a, b) =>
    {
        if (a.Priority != b.Priority || (a.HasPlace && b.HasPlace && a.State == SequenceState.Waiting))
            return Rank.Compare(a, b);
        if (a.HasPlace != b.HasPlace)
            return a.HasPlace ? -1 : 1;
        int share = _shares.Served(a.Tenant).CompareTo(_shares.Served(b.Tenant));
        return share != 0 ? share : Rank.Compare(a, b);
    });

    /// <summary>Streams are not kept even at the cost of prompts of a higher priority, nor for prompts that find no slot.</summary>
    private ScheduledStep Begin(Sequence[] decoding)
    {
        int waiting = _running.Count - decoding.Length + Math.Min(_waiting.Count, FreeSlots);
        int highest = _running.Where(s => s.Remaining > 1).Concat(_waiting).Select(s => s.Priority).DefaultIfEmpty(int.MinValue).Max();
        return new ScheduledStep(options.MaxBatchTokens) { Decoding = decoding.Count(s => s.Priority >= highest), Waiting = waiting };
    }

    /// <summary>Tokens of prompts that run, or could, and that the prefix cache does not have.</summary>
    private int PromptTokens()
    {
        int tokens = 0;
        foreach (Sequence sequence in _running.Where(s => s.Remaining > 1))
        {
            sequence.Extend(cache, blocks);
            tokens += sequence.Remaining;
        }

        return tokens + _waiting.Take(FreeSlots).Sum(s => s.TokenCount - (Match(s).Count * blocks.BlockLength));
    }

    private int FreeSlots => options.MaxRunning - _running.Count;

    private void Enqueue(Sequence sequence)
    {
        sequence.State = SequenceState.Waiting;
        _waiting.Add(sequence);
    }

    private void Withdraw(Sequence sequence)
    {
        sequence.ReleaseBlocks(cache, blocks);
        if (sequence.State == SequenceState.Paused)
            Paused--;
        else
            (sequence.State == SequenceState.Running ? _running : _waiting).Remove(sequence);
    }

    /// <summary>Gives a running sequence its next tokens, and their blocks at the cost of those behind it in rank.</summary>
    private void Continue(Sequence sequence, ScheduledStep step)
    {
        if (sequence.State != SequenceState.Running)
            return;
        sequence.Extend(cache, blocks);
        if (Follows(sequence, step))
            return;
        int count = ChunkOf(sequence, step);
        while (!HasRoom(sequence, count) && _running.Max(Rank) is { } last && last != sequence && Rank.Compare(sequence, last) < 0)
            Preempt(last, step);
        count = Math.Min(count, ((sequence.BlockCount + AvailableBlocks) * blocks.BlockLength) - sequence.Computed);
        if (count > 0)
            Take(sequence, count, step);
        else if (step.Budget > 0)
            Preempt(sequence, step);
    }

    private int ChunkOf(Sequence sequence, ScheduledStep step)
    {
        int budget = sequence.Remaining > 1 ? step.PrefillBudget : step.Budget;
        int count = Math.Min(Math.Min(sequence.Remaining, options.PrefillChunk), budget);
        return sequence.WantsLogitsFrom < sequence.TokenCount - 1 ? Math.Min(count, MaxPromptLogits) : count;
    }

    private bool HasRoom(Sequence sequence, int count) =>
        blocks.BlocksFor(sequence.Computed + count) - sequence.BlockCount <= AvailableBlocks;

    private void Take(Sequence sequence, int count, ScheduledStep step)
    {
        AllocateTo(sequence, sequence.Computed + count);
        step.Add(sequence, count);
    }

    private void AllocateTo(Sequence sequence, int tokens)
    {
        while (sequence.BlockCount * blocks.BlockLength < tokens)
        {
            if (blocks.EmptyBlocks == 0)
                cache.Evict();
            sequence.AddBlock(blocks.Allocate());
        }
    }

    /// <summary>Lets a step check as much of a sequence's guess as pays, in rows and blocks that nobody else needs.</summary>
    private void AddDraft(Sequence sequence, ScheduledStep step)
    {
        int length = Math.Min(sequence.Draft.Length, MaxDraft);
        if (length <= 0 || sequence.State != SequenceState.Running)
            return;
        if (sequence.Computed + 1 + length > sequence.BlockCount * blocks.BlockLength)
        {
            int usable = sequence.BlockCount + Math.Max(0, AvailableBlocks - Promised(_running));
            length = Math.Min(length, (usable * blocks.BlockLength) - sequence.Computed - 1);
        }

        length = DraftLength.Choose(_decodeCosts, step.DecodeRows, step.Items.Count, sequence.Acceptance, length);
        if (length <= 0)
        {
            sequence.Acceptance = DraftLength.Forget(sequence.Acceptance);
            return;
        }

        AllocateTo(sequence, sequence.Computed + 1 + length);
        step.AddDraft(sequence, sequence.Draft[..length]);
    }

    private void AdmitAbove(int priority, ScheduledStep step)
    {
        while (step.PrefillBudget > 0 && _waiting.Min(Turn) is { } next && next.Priority > priority && TryAdmit(next, step))
        {
            // Each round admits one.
        }
    }

    private bool TryAdmit(Sequence sequence, ScheduledStep step)
    {
        if (!CanHold(sequence))
            return false;
        while (!Fits(sequence, Match(sequence)))
            Preempt(_running.Max(Rank)!, step);

        _waiting.Remove(sequence);
        sequence.State = SequenceState.Running;
        _running.Add(sequence);
        sequence.HasPlace = true;
        sequence.Extend(cache, blocks);
        if (!Follows(sequence, step))
            Take(sequence, ChunkOf(sequence, step), step);
        return true;
    }

    /// <summary>Another sequence computes the next block in this step, and this one can have it for nothing afterwards.</summary>
    private bool Follows(Sequence sequence, ScheduledStep step)
    {
        foreach (ScheduledSequence ahead in step.Items)
        {
            if (sequence.SharesNextBlock(ahead.Sequence, blocks.BlockLength))
                return true;
        }

        return false;
    }

    private List<PrefixNode> Match(Sequence sequence) =>
        cache.Match(sequence.CacheKey, sequence.Tokens, sequence.WantsLogitsFrom / blocks.BlockLength);

    /// <summary>There is a slot, and blocks for all known tokens besides those promised to running prompts.</summary>
    private bool Fits(Sequence sequence, List<PrefixNode> path) =>
        _running.Count < options.MaxRunning
        && blocks.BlocksFor(sequence.TokenCount) - path.Count + path.Count(PrefixCache.IsUnreferenced) + Promised(_running) <= AvailableBlocks;

    /// <summary>It would fit if every running sequence of lower priority left.</summary>
    private bool CanHold(Sequence sequence)
    {
        Sequence[] staying = [.. _running.Where(s => s.Priority >= sequence.Priority)];
        HashSet<int> held = [.. staying.SelectMany(s => s.BlockTable.ToArray())];
        int shared = Match(sequence).Count(n => held.Contains(n.Block));
        return staying.Length < options.MaxRunning
            && blocks.BlocksFor(sequence.TokenCount) - shared + held.Count + Promised(staying) <= blocks.TotalBlocks;
    }

    private int Promised(IEnumerable<Sequence> sequences) =>
        sequences.Sum(s => Math.Max(0, blocks.BlocksFor(s.TokenCount) - s.BlockCount));

    private void Preempt(Sequence sequence, ScheduledStep step)
    {
        step.Remove(sequence);
        step.Preempted.Add(sequence);
        Withdraw(sequence);
        Enqueue(sequence);
    }
}
