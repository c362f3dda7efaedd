namespace Inference.Generation;

/// <summary>Hands out the blocks of the KV cache, with reference counts. Not thread-safe.</summary>
internal sealed class BlockManager
{
    private readonly int[] _references;
    private readonly Stack<int> _empty;

    public BlockManager(int blockCount, int blockLength)
    {
        BlockLength = blockLength;
        _references = new int[blockCount];
        _empty = new Stack<int>(Enumerable.Range(0, blockCount).Reverse());
    }

    /// <summary>Tokens in a block.</summary>
    public int BlockLength { get; }

    /// <summary>All blocks.</summary>
    public int TotalBlocks => _references.Length;

    /// <summary>Blocks that nobody holds.</summary>
    public int EmptyBlocks => _empty.Count;

    /// <summary>Blocks for that many tokens.</summary>
    public int BlocksFor(int tokens) => (tokens + BlockLength - 1) / BlockLength;

    /// <summary>Holders of a block.</summary>
    public int References(int block) => _references[block];

    /// <summary>Takes an empty block; its one holder is the caller.</summary>
    /// <exception cref="InvalidOperationException">None is empty.</exception>
    public int Allocate()
    {
        int block = _empty.Pop();
        _references[block] = 1;
        return block;
    }

    /// <summary>Adds a holder.</summary>
    public void Retain(int block)
    {
        if (_references[block] == 0)
            throw new InvalidOperationException($"block {block} is empty");
        _references[block]++;
    }

    /// <summary>Takes a holder away; the last one leaves the block empty.</summary>
    public void Release(int block)
    {
        if (_references[block] == 0)
            throw new InvalidOperationException($"block {block} was released twice");
        if (--_references[block] == 0)
            _empty.Push(block);
    }
}
