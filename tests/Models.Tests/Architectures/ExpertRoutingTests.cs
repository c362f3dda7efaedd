using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Models.Tests.Architectures;

public sealed class ExpertRoutingTests
{
    [Fact]
    public void Each_token_goes_to_its_most_probable_experts_with_weights_that_sum_to_1()
    {
        // exp: 1, 3, 2, 2 -> experts 1 and 2 (the lower of equals), 3/5 and 2/5; 4, 1, 1, 1 -> experts 0 and 1, 4/5 and 1/5.
        using Tensor scores = Scores([1, 3, 2, 2], [4, 1, 1, 1]);
        ExpertRouting routing = new(new ExpertConfig(4, 2, 8, NormalizeWeights: true));

        routing.Route(scores);

        Assert.Equal([1, 0, 1, 0], routing.Rows);
        Assert.Equal([0.8f, 0.6f, 0.2f, 0.4f], routing.Weights, (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal([(0, 1), (1, 2), (3, 1), (4, 0)], Enumerable.Range(0, 4).Select(e => (routing.First(e), routing.Count(e))));
    }

    [Fact]
    public void Without_normalisation_the_weights_are_the_probabilities_among_all_experts()
    {
        using Tensor scores = Scores([1, 3, 2, 2]);
        ExpertRouting routing = new(new ExpertConfig(4, 2, 8, NormalizeWeights: false));

        routing.Route(scores);

        Assert.Equal([3 / 8f, 2 / 8f], routing.Weights, (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void A_router_of_scores_that_overflow_still_chooses()
    {
        using Tensor scores = Tensor.From(1, 3, [-1000, 1000, 990]);
        ExpertRouting routing = new(new ExpertConfig(3, 1, 8, NormalizeWeights: true));

        routing.Route(scores);

        Assert.Equal((1, 1f), (routing.First(2), routing.Weights[0]));
        Assert.Equal(1, routing.Count(1));
    }

    private static Tensor Scores(params float[][] exponentials) =>
        Tensor.From(exponentials.Length, exponentials[0].Length, [.. exponentials.SelectMany(row => row.Select(e => MathF.Log(e)))]);
}
