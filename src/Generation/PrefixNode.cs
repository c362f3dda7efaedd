using System.Diagnostics.CodeAnalysis;

namespace Inference.Generation;

/// <summary>A block of tokens in the <see cref="PrefixCache"/>, after the blocks of its ancestors.</summary>
internal sealed class PrefixNode(PrefixNode? parent, int[] tokens, int block, string key)
{
    // Children by the hash of their tokens; the tokens themselves decide.
    private Dictionary<int, List<PrefixNode>>? _children;

    /// <summary>The block before; null in a root and in what was removed.</summary>
    public PrefixNode? Parent { get; set; } = parent;

    /// <summary>Block of the KV cache.</summary>
    public int Block { get; } = block;

    /// <summary>Key of the root.</summary>
    public string Key { get; } = key;

    /// <summary>Place in the order of eviction; null while a sequence holds the node.</summary>
    public LinkedListNode<PrefixNode>? Place { get; set; }

    /// <summary>The draft model has computed this block too.</summary>
    public bool IsDrafted { get; set; }

    public bool IsLeaf => _children is null || _children.Count == 0;

    public IEnumerable<PrefixNode> Children => _children is null ? [] : _children.Values.SelectMany(c => c);

    private int[] Tokens { get; } = tokens;

    public bool TryGetChild(ReadOnlySpan<int> tokens, [NotNullWhen(true)] out PrefixNode? child)
    {
        child = null;
        if (_children is null || !_children.TryGetValue(Hash(tokens), out List<PrefixNode>? bucket))
            return false;
        foreach (PrefixNode node in bucket)
        {
            if (tokens.SequenceEqual(node.Tokens))
                child = node;
        }

        return child is not null;
    }

    public void AddChild(PrefixNode child)
    {
        _children ??= [];
        int hash = Hash(child.Tokens);
        if (!_children.TryGetValue(hash, out List<PrefixNode>? bucket))
            _children[hash] = bucket = [];
        bucket.Add(child);
    }

    public void RemoveChild(PrefixNode child)
    {
        int hash = Hash(child.Tokens);
        List<PrefixNode> bucket = _children![hash];
        bucket.Remove(child);
        if (bucket.Count == 0)
            _children.Remove(hash);
    }

    private static int Hash(ReadOnlySpan<int> tokens)
    {
        HashCode hash = default;
        foreach (int token in tokens)
            hash.Add(token);
        return hash.ToHashCode();
    }
}
