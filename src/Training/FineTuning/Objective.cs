using Inference.Training.Data;

namespace Inference.Training.FineTuning;

/// <summary>What a run minimises: its losses, and their gradients in the adapter.</summary>
internal sealed class Objective(FineTuningOptions options, AdaptedModel model, TrainingPass pass)
{
    private bool IsPreference => options.Method == FineTuningMethod.Dpo;

    /// <summary>What the loss of these batches is divided by: the weights of all tokens, or the number of pairs.</summary>
    public double WeightOf(IEnumerable<PackedBatch> batches) => IsPreference
        ? batches.Sum(b => (b.Starts.Length - 1) / 2)
        : batches.Sum(b => b.Weights.Sum(w => (double)w));

    /// <summary>The losses of a batch, without dropout.</summary>
    public BatchTotals Evaluate(PackedBatch batch)
    {
        double[] reference = IsPreference ? Reference(batch) : [];
        pass.Forward(batch);
        BatchScore score = pass.Score(batch);
        return IsPreference ? Totals(batch, Pairs(score, reference)) : Totals(batch, score);
    }

    /// <summary>Adds the gradients of scale * loss.</summary>
    public BatchTotals AddGradients(PackedBatch batch, float scale, ulong dropoutSeed)
    {
        if (!IsPreference)
        {
            pass.Forward(batch, dropoutSeed);
            return Totals(batch, pass.Backward(batch, scale, dropoutSeed));
        }

        double[] reference = Reference(batch);
        pass.Forward(batch, dropoutSeed);
        PreferenceLoss[] pairs = Pairs(pass.Score(batch, dropoutSeed), reference);
        float[] weights = [.. batch.Weights];
        for (int s = 0; s < batch.Starts.Length - 1; s++)
        {
            float slope = (float)(s % 2 == 0 ? pairs[s / 2].Slope : -pairs[s / 2].Slope);
            for (int t = batch.Starts[s]; t < batch.Starts[s + 1]; t++)
            {
                weights[t] *= slope;
            }
        }

        pass.Backward(batch with { Weights = weights }, scale, dropoutSeed);
        return Totals(batch, pairs);
    }

    /// <summary>Negative log-likelihoods of the sequences by the base alone.</summary>
    private double[] Reference(PackedBatch batch)
    {
        model.EnableAdapter(false);
        pass.Forward(batch);
        double[] losses = pass.Score(batch).SequenceLosses;
        model.EnableAdapter(true);
        return losses;
    }

    private PreferenceLoss[] Pairs(BatchScore score, double[] reference) =>
        [.. Enumerable.Range(0, reference.Length / 2).Select(p => PreferenceLoss.Of(
            score.SequenceLosses[2 * p], score.SequenceLosses[(2 * p) + 1], reference[2 * p], reference[(2 * p) + 1], options.DpoBeta))];

    private BatchTotals Totals(PackedBatch batch, BatchScore score) =>
        new(score.Loss, WeightOf([batch]), score.CorrectTokens, score.Tokens, batch.Tokens.Length);

    private static BatchTotals Totals(PackedBatch batch, PreferenceLoss[] pairs) =>
        new(pairs.Sum(p => p.Loss), pairs.Length, pairs.Count(p => p.Margin > 0), pairs.Length, batch.Tokens.Length);
}
