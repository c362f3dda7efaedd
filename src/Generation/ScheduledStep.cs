namespace Inference.Generation;

/// <summary>What one step runs.</summary>
internal sealed class ScheduledStep(int budget)
{
    private readonly List<ScheduledSequence> _items = [];
    private int _prefillBudget = budget;

    /// <summary>Each sequence's share.</summary>
    public IReadOnlyList<ScheduledSequence> Items => _items;

    /// <summary>Sequences that lost their blocks.</summary>
    public List<Sequence> Preempted { get; } = [];

    /// <summary>Tokens that may still be added.</summary>
    public int Budget { get; private set; } = budget;

    /// <summary>Answers whose next token the step computes, and that prompts delay.</summary>
    public int Decoding { get; init; }

    /// <summary>Answers that wait for their prompts.</summary>
    public int Waiting { get; init; }

    /// <summary>Of the budget, what prompts may take.</summary>
    public int PrefillBudget => Math.Min(_prefillBudget, Budget);

    /// <summary>Prompt tokens of the step.</summary>
    public int PrefillTokens => _items.Where(i => i.IsPrefill).Sum(i => i.Count);

    public int TokenCount => _items.Sum(i => i.Rows);

    /// <summary>Rows that are not of prompts.</summary>
    public int DecodeRows => _items.Where(i => !i.IsPrefill).Sum(i => i.Rows);

    /// <summary>Bounds what prompts take from here on.</summary>
    public void LimitPrefill(int tokens) => _prefillBudget = tokens;

    public void Add(Sequence sequence, int count)
    {
        ScheduledSequence item = new(sequence, sequence.Computed, count, sequence.Remaining > 1, default);
        _items.Add(item);
        Spend(item, count);
    }

    /// <summary>Adds a guess to the share of a sequence.</summary>
    public void AddDraft(Sequence sequence, ReadOnlyMemory<int> draft)
    {
        int i = _items.FindIndex(item => item.Sequence == sequence);
        _items[i] = _items[i] with { Draft = draft };
        Spend(_items[i], draft.Length);
    }

    public void Remove(Sequence sequence)
    {
        int i = _items.FindIndex(item => item.Sequence == sequence);
        if (i < 0)
            return;
        Spend(_items[i], -_items[i].Rows);
        _items.RemoveAt(i);
    }

    private void Spend(ScheduledSequence item, int count)
    {
        Budget -= count;
        if (item.IsPrefill)
            _prefillBudget -= count;
    }
}
