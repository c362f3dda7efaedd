using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>What a forward pass says of a batch.</summary>
/// <param name="batch">The batch.</param>
internal sealed class BatchScore(PackedBatch batch)
{
    /// <summary>Sum of the weighted losses of each sequence, in nats.</summary>
    public double[] SequenceLosses { get; } = new double[batch.Starts.Length - 1];

    /// <summary>Sum over the sequences.</summary>
    public double Loss => SequenceLosses.Sum();

    /// <summary>Rows that have a weight.</summary>
    public int Tokens { get; private set; }

    /// <summary>Of these, those whose likeliest token is the target.</summary>
    public int CorrectTokens { get; private set; }

    /// <summary>Adds rows of the batch, whose logits become the gradients of scale * loss.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="logits">[rows, vocabulary].</param>
    /// <param name="rows">The rows' numbers in the batch, rising.</param>
    /// <param name="scale">Factor of the gradients.</param>
    public void Add(IBackend backend, Tensor logits, ReadOnlySpan<int> rows, float scale)
    {
        int[] targets = new int[rows.Length];
        float[] weights = new float[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            (targets[i], weights[i]) = (batch.Targets[rows[i]], batch.Weights[rows[i]]);
        }

        double[] losses = new double[rows.Length];
        Tokens += rows.Length;
        CorrectTokens += backend.CrossEntropy(logits, targets, weights, scale, losses);
        int sequence = 0;
        for (int first = 0; first < rows.Length;)
        {
            while (batch.Starts[sequence + 1] <= rows[first])
            {
                sequence++;
            }

            int count = 1;
            while (first + count < rows.Length && rows[first + count] < batch.Starts[sequence + 1])
            {
                count++;
            }

            SequenceLosses[sequence] += losses[first..(first + count)].Sum();
            first += count;
        }
    }
}
