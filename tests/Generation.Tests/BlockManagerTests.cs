namespace Inference.Generation.Tests;

public class BlockManagerTests
{
    [Fact]
    public void A_block_is_empty_again_after_its_last_holder_left()
    {
        BlockManager blocks = new(2, 4);
        int block = blocks.Allocate();
        blocks.Retain(block);

        blocks.Release(block);
        Assert.Equal(1, blocks.EmptyBlocks);
        blocks.Release(block);
        Assert.Equal(2, blocks.EmptyBlocks);
    }

    [Fact]
    public void Releasing_twice_and_retaining_an_empty_block_throw()
    {
        BlockManager blocks = new(1, 4);
        int block = blocks.Allocate();
        blocks.Release(block);

        Assert.Throws<InvalidOperationException>(() => blocks.Release(block));
        Assert.Throws<InvalidOperationException>(() => blocks.Retain(block));
    }

    [Fact]
    public void Allocating_beyond_the_last_block_throws()
    {
        BlockManager blocks = new(1, 4);
        blocks.Allocate();

        Assert.Throws<InvalidOperationException>(() => blocks.Allocate());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    public void A_part_of_a_block_takes_a_whole_one(int tokens, int expected) =>
        Assert.Equal(expected, new BlockManager(8, 4).BlocksFor(tokens));
}
