namespace Inference.Training.Data;

/// <summary>
/// Whole examples side by side: sequence s has rows [Starts[s], Starts[s + 1]), positions from 0, and attends to itself only.
/// </summary>
/// <param name="Tokens">Input token by row.</param>
/// <param name="Targets">Next token by row.</param>
/// <param name="Weights">Weight of the loss by row.</param>
/// <param name="Positions">Position in its sequence by row.</param>
/// <param name="Starts">First rows of the sequences, then the number of rows.</param>
public sealed record PackedBatch(int[] Tokens, int[] Targets, float[] Weights, int[] Positions, int[] Starts)
{
    /// <summary>Packs examples: n tokens give n - 1 rows.</summary>
    public static PackedBatch Pack(IReadOnlyList<TrainingExample> examples)
    {
        int rows = examples.Sum(e => e.Tokens.Length - 1);
        PackedBatch batch = new(new int[rows], new int[rows], new float[rows], new int[rows], new int[examples.Count + 1]);
        int row = 0;
        for (int s = 0; s < examples.Count; s++)
        {
            (int[] tokens, float[] weights) = examples[s];
            int count = tokens.Length - 1;
            tokens.AsSpan(0, count).CopyTo(batch.Tokens.AsSpan(row));
            tokens.AsSpan(1).CopyTo(batch.Targets.AsSpan(row));
            weights.AsSpan(1).CopyTo(batch.Weights.AsSpan(row));
            for (int p = 0; p < count; p++)
            {
                batch.Positions[row + p] = p;
            }

            row += count;
            batch.Starts[s + 1] = row;
        }

        return batch;
    }
}
