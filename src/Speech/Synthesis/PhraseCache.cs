namespace Inference.Speech.Synthesis;

/// <summary>The audio of short sentences that were said lately, by what decides how they sound. The least recently said goes first.</summary>
internal sealed class PhraseCache<TKey>(int maxSamples, int maxPhraseSamples)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(TKey Key, SpokenPart Spoken)> _order = [];
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, SpokenPart Spoken)>> _phrases = [];
    private int _samples;

    /// <summary>The phrase, when it is kept; null otherwise.</summary>
    public SpokenPart? Find(TKey key)
    {
        lock (_lock)
        {
            if (!_phrases.TryGetValue(key, out LinkedListNode<(TKey Key, SpokenPart Spoken)>? node)) return null;
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Spoken;
        }
    }

    /// <summary>Keeps a phrase that is not too long.</summary>
    public void Add(TKey key, SpokenPart spoken)
    {
        if (spoken.Samples.Length > maxPhraseSamples) return;
        lock (_lock)
        {
            if (_phrases.ContainsKey(key)) return;
            _phrases.Add(key, _order.AddFirst((key, spoken)));
            _samples += spoken.Samples.Length;
            while (_samples > maxSamples && _order.Last is { } last)
            {
                _order.RemoveLast();
                _phrases.Remove(last.Value.Key);
                _samples -= last.Value.Spoken.Samples.Length;
            }
        }
    }
}
