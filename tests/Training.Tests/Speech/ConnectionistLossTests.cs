using Inference.Training.Speech;

namespace Inference.Training.Tests.Speech;

public sealed class ConnectionistLossTests
{
    [Fact]
    public void Probability_is_the_sum_over_all_alignments()
    {
        // Two rows, classes a, b and blank, equal logits: "a" is aa, a-, -a of nine equally likely paths.
        double? loss = ConnectionistLoss.ForwardBackward(new float[6], 3, [0], 1);
        Assert.Equal(-Math.Log(3.0 / 9), loss!.Value, 1e-9);
    }

    [Fact]
    public void A_doubled_label_needs_a_blank_between() =>
        Assert.Equal(-Math.Log(1.0 / 27), ConnectionistLoss.ForwardBackward(new float[9], 3, [1, 1], 1)!.Value, 1e-9);

    [Fact]
    public void No_labels_make_every_row_a_blank() =>
        Assert.Equal(-Math.Log(1.0 / 9), ConnectionistLoss.ForwardBackward(new float[6], 3, [], 1)!.Value, 1e-9);

    [Fact]
    public void More_labels_than_rows_have_no_loss_and_no_gradient()
    {
        float[] logits = [1, 2, 3];
        Assert.Null(ConnectionistLoss.ForwardBackward(logits, 3, [0, 1], 1));
        Assert.Equal([0f, 0, 0], logits);
    }

    [Fact]
    public void The_gradient_is_that_of_finite_differences()
    {
        Random random = new(1);
        float[] logits = [.. Enumerable.Range(0, 7 * 4).Select(_ => (random.NextSingle() * 4) - 2)];
        int[] labels = [2, 0, 0, 1];
        float[] gradient = [.. logits];
        ConnectionistLoss.ForwardBackward(gradient, 4, labels, 0.5f);
        for (int i = 0; i < logits.Length; i++)
        {
            double At(float step)
            {
                float[] moved = [.. logits];
                moved[i] += step;
                return ConnectionistLoss.ForwardBackward(moved, 4, labels, 1)!.Value;
            }

            Assert.Equal((At(1e-2f) - At(-1e-2f)) / 2e-2 * 0.5, gradient[i], 1e-3);
        }
    }
}
