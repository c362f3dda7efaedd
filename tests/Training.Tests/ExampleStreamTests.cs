using Inference.Training.Data;

namespace Inference.Training.Tests;

public sealed class ExampleStreamTests
{
    [Fact]
    public void An_epoch_draws_every_example_once_and_the_next_in_another_order()
    {
        ExampleStream stream = new(Tiny.Examples, rows: 3, seed: 1);

        int[] first = Draw(stream, 9), second = Draw(stream, 9);

        Assert.Equal(Enumerable.Range(0, 9), first.Order());
        Assert.Equal(Enumerable.Range(0, 9), second.Order());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void A_stream_set_to_a_cursor_goes_on_as_the_other_would()
    {
        ExampleStream stream = new(Tiny.Examples, rows: 3, seed: 1), other = new(Tiny.Examples, rows: 3, seed: 1);
        Draw(stream, 13);
        other.Cursor = stream.Cursor;

        Assert.Equal(Draw(stream, 9), Draw(other, 9));
    }

    [Fact]
    public void A_batch_holds_whole_examples_with_positions_from_zero()
    {
        PackedBatch batch = new ExampleStream(Tiny.Examples, rows: 8, seed: 1).Next();

        Assert.Equal([0, 3, 6], batch.Starts);
        Assert.Equal([0, 1, 2, 0, 1, 2], batch.Positions);
        Assert.Equal([1, 0, 1, 1, 0, 1], batch.Weights);
        Assert.All(batch.Tokens.Zip(batch.Targets), p => Assert.Equal((p.First + 1) % 11, p.Second));
    }

    [Fact]
    public void An_example_that_fits_no_batch_is_refused_by_its_number()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ExampleStream(Tiny.Examples, rows: 2, seed: 1));

        Assert.Contains("example 0 has 4 tokens", error.Message);
    }

    private static int[] Draw(ExampleStream stream, int count) => [.. Enumerable.Range(0, count).Select(_ => stream.Next().Tokens[0])];
}
