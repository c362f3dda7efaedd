namespace Inference.Training.FineTuning;

/// <summary>Sums over the micro-batches of a step or of an evaluation.</summary>
/// <param name="Loss">Sum of the losses.</param>
/// <param name="Weight">What it is to be divided by: weights of tokens, or pairs.</param>
/// <param name="Correct">Tokens, or pairs, that were right.</param>
/// <param name="Counted">Tokens, or pairs.</param>
/// <param name="Rows">Input tokens.</param>
internal readonly record struct BatchTotals(double Loss, double Weight, int Correct, int Counted, int Rows)
{
    public double MeanLoss => Weight > 0 ? Loss / Weight : 0;

    public double Accuracy => Counted > 0 ? Correct / (double)Counted : 0;

    public static BatchTotals operator +(BatchTotals a, BatchTotals b) =>
        new(a.Loss + b.Loss, a.Weight + b.Weight, a.Correct + b.Correct, a.Counted + b.Counted, a.Rows + b.Rows);
}
