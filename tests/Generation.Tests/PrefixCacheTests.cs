namespace Inference.Generation.Tests;

public class PrefixCacheTests
{
    private readonly BlockManager _blocks = new(8, 2);
    private readonly PrefixCache _cache;

    public PrefixCacheTests() => _cache = new PrefixCache(_blocks);

    [Fact]
    public void The_longest_known_prefix_of_whole_blocks_is_found()
    {
        Store("m", 1, 2, 3, 4, 5);

        Assert.Equal(2, Match("m", 1, 2, 3, 4, 9, 9));
        Assert.Equal(1, Match("m", 1, 2, 3, 9));
        Assert.Equal(0, Match("m", 2, 1));
    }

    [Fact]
    public void No_more_blocks_are_matched_than_asked_for()
    {
        Store("m", 1, 2, 3, 4);

        Assert.Single(_cache.Match("m", [1, 2, 3, 4], 1));
    }

    [Fact]
    public void Keys_never_share()
    {
        Store("model", 1, 2);

        Assert.Equal(0, Match("model+adapter", 1, 2));
        Assert.Equal(1, Match("model", 1, 2));
    }

    [Fact]
    public void The_same_tokens_stored_twice_keep_one_block()
    {
        Sequence first = Running("m", 1, 2);
        Sequence second = Running("m", 1, 2);
        Assert.Equal(6, _blocks.EmptyBlocks);

        first.Advance(2, _cache, 2);
        second.Advance(2, _cache, 2);

        Assert.Equal(7, _blocks.EmptyBlocks);
        Assert.Equal(first.BlockTable.ToArray(), second.BlockTable.ToArray());
        Assert.Equal(3, _blocks.References(first.BlockTable.Span[0]));
    }

    [Fact]
    public void A_block_in_use_is_not_evicted()
    {
        Sequence held = Running("m", 1, 2, 3, 4);
        held.Advance(4, _cache, 2);
        Assert.Equal(0, _cache.EvictableBlocks);
        Assert.Throws<InvalidOperationException>(_cache.Evict);

        held.ReleaseBlocks(_cache, _blocks);
        Assert.Equal(2, _cache.EvictableBlocks);
    }

    [Fact]
    public void The_least_recently_used_leaf_is_evicted_first()
    {
        Store("m", 1, 2, 3, 4);
        Store("m", 1, 2, 5, 6);
        Store("m", 1, 2, 3, 4);

        _cache.Evict();
        Assert.Equal(1, Match("m", 1, 2, 5, 6));
        Assert.Equal(2, Match("m", 1, 2, 3, 4));
        _cache.Evict();
        Assert.Equal(1, Match("m", 1, 2, 3, 4));
        _cache.Evict();
        Assert.Equal(0, Match("m", 1, 2));
        Assert.Equal(8, _blocks.EmptyBlocks);
    }

    [Fact]
    public void Forgetting_a_key_leaves_blocks_in_use_with_their_holders()
    {
        Store("m", 1, 2, 7, 8);
        Sequence held = Running("m", 1, 2, 3, 4);
        held.Advance(held.Remaining, _cache, 2);

        _cache.Forget("m");

        Assert.Equal(0, Match("m", 1, 2));
        Assert.Equal(0, _cache.Count);
        Assert.Equal(6, _blocks.EmptyBlocks);
        held.ReleaseBlocks(_cache, _blocks);
        Assert.Equal(8, _blocks.EmptyBlocks);
    }

    [Fact]
    public void Random_use_leaves_no_block_behind()
    {
        Random random = new(5);
        List<Sequence> held = [];
        for (int i = 0; i < 5_000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                Sequence leaving = held[random.Next(held.Count)];
                held.Remove(leaving);
                leaving.ReleaseBlocks(_cache, _blocks);
            }
            else if (_blocks.EmptyBlocks + _cache.EvictableBlocks >= 3)
            {
                Sequence sequence = Running("k" + random.Next(2), [.. Enumerable.Range(0, 6).Select(_ => random.Next(2))]);
                sequence.Advance(sequence.Remaining, _cache, 2);
                held.Add(sequence);
            }

            int inUse = held.SelectMany(s => s.BlockTable.ToArray()).Distinct().Count();
            Assert.Equal(8, inUse + _blocks.EmptyBlocks + _cache.EvictableBlocks);
        }

        held.ForEach(s => s.ReleaseBlocks(_cache, _blocks));
        Assert.Equal(8, _blocks.EmptyBlocks + _cache.EvictableBlocks);
        _cache.Forget("k0");
        _cache.Forget("k1");
        Assert.Equal(8, _blocks.EmptyBlocks);
    }

    private int Match(string key, params int[] tokens) => _cache.Match(key, tokens, tokens.Length / 2).Count;

    private Sequence Running(string key, params int[] tokens)
    {
        Sequence sequence = new(0, 0, tokens) { CacheKey = key };
        sequence.Extend(_cache, _blocks);
        while (sequence.BlockCount < _blocks.BlocksFor(tokens.Length))
        {
            if (_blocks.EmptyBlocks == 0)
                _cache.Evict();
            sequence.AddBlock(_blocks.Allocate());
        }

        return sequence;
    }

    private void Store(string key, params int[] tokens)
    {
        Sequence sequence = Running(key, tokens);
        sequence.Advance(sequence.Remaining, _cache, 2);
        sequence.ReleaseBlocks(_cache, _blocks);
    }
}
