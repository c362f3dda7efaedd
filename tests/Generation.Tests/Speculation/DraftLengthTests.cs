using Inference.Generation.Speculation;

namespace Inference.Generation.Tests.Speculation;

public class DraftLengthTests
{
    [Theory]
    [InlineData(0.95, 0.02, 8)]
    [InlineData(0.9, 0.2, 7)]
    [InlineData(0.5, 0.6, 0)]
    [InlineData(0.3, 0.02, 3)]
    [InlineData(0.02, 0.05, 0)]
    public void As_much_is_checked_as_gives_the_most_tokens_in_a_time(double acceptance, double costOfRow, int expected)
    {
        RowCosts costs = new(16);
        for (int rows = 1; rows <= 16; rows++)
            costs.Learn(rows, 1 + (costOfRow * (rows - 1)));

        Assert.Equal(expected, DraftLength.Choose(costs, 1, 1, acceptance, 8));
    }

    [Fact]
    public void Beside_many_answers_a_guess_must_be_worth_the_time_of_all()
    {
        RowCosts costs = new(64);
        for (int rows = 1; rows <= 64; rows++)
            costs.Learn(rows, rows);

        Assert.Equal(0, DraftLength.Choose(costs, 32, 32, 0.9, 8));
    }

    [Fact]
    public void Guesses_that_fail_are_given_up_and_tried_again_some_time()
    {
        double acceptance = DraftLength.FirstAcceptance;
        for (int i = 0; i < 20; i++)
            acceptance = DraftLength.Learn(acceptance, 4, 0);
        Assert.InRange(acceptance, 0, 0.05);

        for (int i = 0; i < 1_000; i++)
            acceptance = DraftLength.Forget(acceptance);
        Assert.InRange(acceptance, 0.4, DraftLength.FirstAcceptance);
    }

    [Fact]
    public void The_share_follows_what_was_checked_up_to_the_first_that_was_wrong()
    {
        Assert.True(DraftLength.Learn(0.5, 4, 4) > DraftLength.Learn(0.5, 4, 3));
        Assert.Equal(DraftLength.Learn(0.5, 8, 2), DraftLength.Learn(0.5, 3, 2));
        Assert.True(DraftLength.Learn(0.5, 1, 0) < 0.5);
    }
}
