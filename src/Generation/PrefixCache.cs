using System.Diagnostics.CodeAnalysis;

namespace Inference.Generation;

/// <summary>
/// A radix tree of token blocks over the blocks of the KV cache: a path from a root spells a prefix. Roots are keyed by
/// what the keys and values depend on besides the tokens (model, adapter contents), and never share. The tree holds one
/// reference to each of its blocks; a block without another holder can be evicted, least recently used first.
/// Sequences hold whole paths, so a block in use has only blocks in use above it. Not thread-safe.
/// </summary>
internal sealed class PrefixCache(BlockManager blocks)
{
    private readonly Dictionary<string, PrefixNode> _roots = [];

    // Every unreferenced node stands behind all of its descendants: a path is released from its end.
    private readonly LinkedList<PrefixNode> _unreferenced = [];

    /// <summary>Blocks in the tree.</summary>
    public int Count { get; private set; }

    /// <summary>Blocks that only the tree holds.</summary>
    public int EvictableBlocks => _unreferenced.Count;

    /// <summary>The longest known path of whole blocks at the start of tokens, at most <paramref name="maxBlocks"/> long.</summary>
    public List<PrefixNode> Match(string key, ReadOnlySpan<int> tokens, int maxBlocks)
    {
        List<PrefixNode> path = [];
        if (!_roots.TryGetValue(key, out PrefixNode? node))
            return path;
        while (path.Count < maxBlocks && node.TryGetChild(tokens.Slice(path.Count * blocks.BlockLength, blocks.BlockLength), out PrefixNode? child))
        {
            path.Add(child);
            node = child;
        }

        return path;
    }

    /// <summary>The block of these tokens after <paramref name="parent"/>; null is the start.</summary>
    public bool TryNext(string key, PrefixNode? parent, ReadOnlySpan<int> tokens, [NotNullWhen(true)] out PrefixNode? node)
    {
        node = null;
        parent ??= _roots.GetValueOrDefault(key);
        return parent is not null && parent.TryGetChild(tokens, out node);
    }

    /// <summary>Adds a holder to a node of a path; acquire from the root down.</summary>
    public void Acquire(PrefixNode node)
    {
        blocks.Retain(node.Block);
        if (node.Place is not null)
        {
            _unreferenced.Remove(node.Place);
            node.Place = null;
        }
    }

    /// <summary>Takes a holder away; release from the end of the path up.</summary>
    public void Release(PrefixNode node)
    {
        blocks.Release(node.Block);
        if (blocks.References(node.Block) == 1 && node.Parent is not null)
            node.Place = _unreferenced.AddLast(node);
    }

    /// <summary>True where only the tree holds the node.</summary>
    public static bool IsUnreferenced(PrefixNode node) => node.Place is not null;

    /// <summary>
    /// Gives a block that the caller holds to the tree. Where the tree already has these tokens, the caller's block
    /// is released and the caller holds the tree's instead.
    /// </summary>
    /// <param name="key">Root.</param>
    /// <param name="parent">Node of the tokens before, held by the caller; null at the start.</param>
    /// <param name="tokens">The block's tokens.</param>
    /// <param name="block">The block with their keys and values.</param>
    public PrefixNode Insert(string key, PrefixNode? parent, ReadOnlySpan<int> tokens, int block)
    {
        if (parent is null && !_roots.TryGetValue(key, out parent))
            _roots[key] = parent = new PrefixNode(null, [], -1, key);
        if (parent.TryGetChild(tokens, out PrefixNode? existing))
        {
            Acquire(existing);
            blocks.Release(block);
            return existing;
        }

        PrefixNode node = new(parent, tokens.ToArray(), block, key);
        parent.AddChild(node);
        blocks.Retain(block);
        Count++;
        return node;
    }

    /// <summary>Empties the least recently used block that only the tree holds.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void Evict()
    {
        PrefixNode node = _unreferenced.First?.Value ?? throw new InvalidOperationException("every cached block is in use");
        Remove(node);
    }

    /// <summary>Removes all that is known under a key; blocks in use stay with their holders.</summary>
    public void Forget(string key)
    {
        if (!_roots.TryGetValue(key, out PrefixNode? root))
            return;
        Stack<PrefixNode> nodes = new(root.Children);
        while (nodes.TryPop(out PrefixNode? node))
        {
            foreach (PrefixNode child in node.Children)
                nodes.Push(child);
            Detach(node);
        }

        _roots.Remove(key);
    }

    private void Remove(PrefixNode node)
    {
        PrefixNode parent = node.Parent!;
        parent.RemoveChild(node);
        if (parent.IsLeaf && _roots.TryGetValue(node.Key, out PrefixNode? root) && root == parent)
            _roots.Remove(node.Key);
        Detach(node);
    }

    private void Detach(PrefixNode node)
    {
        if (node.Place is not null)
            _unreferenced.Remove(node.Place);
        node.Place = null;
        node.Parent = null;
        blocks.Release(node.Block);
        Count--;
    }
}
