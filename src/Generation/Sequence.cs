using System.Runtime.InteropServices;
using Inference.Generation.Speculation;
using Inference.Models.Lora;

namespace Inference.Generation;

/// <summary>One answer as the scheduler sees it: tokens, what of them is computed, and the blocks that hold it.</summary>
internal sealed class Sequence(long arrival, int index, IEnumerable<int> prompt)
{
    private readonly List<int> _tokens = [.. prompt];
    private readonly List<PrefixNode> _path = [];
    private int[] _blockTable = [];
    private int _furthest;

    /// <summary>Order of arrival of the request.</summary>
    public long Arrival { get; } = arrival;

    /// <summary>Which of the request's answers.</summary>
    public int Index { get; } = index;

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>Fair share is kept between tenants.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Root in the prefix cache.</summary>
    public string CacheKey { get; init; } = "";

    /// <summary>What changes the model for this sequence, or null. The cache's key tells its contents.</summary>
    public AdapterWeights? Adapter { get; init; }

    /// <summary>The engine's part of the answer; the scheduler does not look at it.</summary>
    public Answer? Answer { get; set; }

    public SequenceState State { get; set; }

    /// <summary>It has run, or belongs to a request that has: it goes ahead of its equals that have not.</summary>
    public bool HasPlace { get; set; }

    /// <summary>A guess how it goes on after the last known token, to check in the next step.</summary>
    public ReadOnlyMemory<int> Draft { get; set; }

    /// <summary>Tokens of a guess that can be of use: no more than the answer may still have after the next one.</summary>
    public int MaxDraft { get; set; }

    /// <summary>Share of such guesses that turned out right.</summary>
    public double Acceptance { get; set; } = DraftLength.FirstAcceptance;

    /// <summary>Prompt and generated tokens.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    public int TokenCount => _tokens.Count;

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens that the prefix cache had before this sequence had computed them.</summary>
    public int CachedTokens { get; private set; }

    /// <summary>Tokens to compute before the next one can be sampled; 1 in decode.</summary>
    public int Remaining => TokenCount - Computed;

    /// <summary>Position from which logits are wanted; the last token's always are.</summary>
    public int WantsLogitsFrom { get => Math.Min(field, TokenCount - 1); set; } = int.MaxValue;

    /// <summary>Blocks in the order of positions.</summary>
    public ReadOnlyMemory<int> BlockTable => _blockTable.AsMemory(0, BlockCount);

    public int BlockCount { get; private set; }

    /// <summary>The blocks that the prefix cache knows: the first ones of the table.</summary>
    public IReadOnlyList<PrefixNode> Path => _path;

    public void Append(int token) => _tokens.Add(token);

    public void AddBlock(int block)
    {
        if (BlockCount == _blockTable.Length)
            Array.Resize(ref _blockTable, Math.Max(4, 2 * BlockCount));
        _blockTable[BlockCount++] = block;
    }

    /// <summary>
    /// Takes over the blocks that the prefix cache has of the tokens still to compute, but for those whose logits are wanted.
    /// A block of its own that is not full gives way.
    /// </summary>
    public void Extend(PrefixCache cache, BlockManager blocks)
    {
        int most = WantsLogitsFrom / blocks.BlockLength;
        while (_path.Count < most && cache.TryNext(CacheKey, _path.LastOrDefault(), BlockTokens(_path.Count, blocks.BlockLength), out PrefixNode? node))
        {
            cache.Acquire(node);
            if (BlockCount > _path.Count)
                blocks.Release(_blockTable[--BlockCount]);
            AddBlock(node.Block);
            _path.Add(node);
            int known = Math.Max(_furthest, Computed);
            Computed = _path.Count * blocks.BlockLength;
            CachedTokens += Math.Max(0, Computed - known);
        }
    }

    /// <summary>
    /// The next block of this sequence is the next one of <paramref name="other"/> too, which knows all of its tokens, and
    /// this one needs no logits of it: whoever computes it first can share it.
    /// </summary>
    public bool SharesNextBlock(Sequence other, int blockLength)
    {
        int block = _path.Count;
        int end = (block + 1) * blockLength;
        return end <= WantsLogitsFrom && end <= other.TokenCount && block == other._path.Count
            && (block == 0 ? CacheKey == other.CacheKey : _path[^1] == other._path[^1])
            && BlockTokens(block, blockLength).SequenceEqual(other.BlockTokens(block, blockLength));
    }

    /// <summary>Counts tokens as computed and gives the blocks that are full to the prefix cache.</summary>
    public void Advance(int count, PrefixCache cache, int blockLength)
    {
        Computed += count;
        _furthest = Math.Max(_furthest, Computed);
        while ((_path.Count + 1) * blockLength <= Computed)
        {
            int i = _path.Count;
            PrefixNode node = cache.Insert(CacheKey, _path.LastOrDefault(), BlockTokens(i, blockLength), _blockTable[i]);
            _path.Add(node);
            _blockTable[i] = node.Block;
        }
    }

    /// <summary>Gives all blocks back; what the prefix cache knows stays there while there is room.</summary>
    public void ReleaseBlocks(PrefixCache cache, BlockManager blocks)
    {
        for (int i = BlockCount - 1; i >= 0; i--)
        {
            if (i < _path.Count)
                cache.Release(_path[i]);
            else
                blocks.Release(_blockTable[i]);
        }

        _path.Clear();
        BlockCount = 0;
        Computed = 0;
    }

    private ReadOnlySpan<int> BlockTokens(int block, int blockLength) => Tokens.Slice(block * blockLength, blockLength);
}
