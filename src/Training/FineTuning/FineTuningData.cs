using Inference.Training.Data;

namespace Inference.Training.FineTuning;

/// <summary>
/// The tokens of a job. An item is a list of one example, or of a preference pair's two: the chosen one, then the rejected one
/// (<see cref="Datasets.TokenizedRecord.Examples"/>).
/// </summary>
/// <param name="Training">What is learned.</param>
/// <param name="Validation">What is evaluated on; may be empty.</param>
public sealed record FineTuningData(
    IReadOnlyList<IReadOnlyList<TrainingExample>> Training, IReadOnlyList<IReadOnlyList<TrainingExample>> Validation)
{
    /// <summary>SHA-256 of all tokens and weights.</summary>
    public string Hash() => ExampleHash.Of(Training.Concat(Validation).SelectMany(item => item));

    /// <summary>
    /// Moves a share of the training data to the validation data, by chance that follows from the seed; does nothing where there is
    /// validation data already. At least one item stays on either side.
    /// </summary>
    public FineTuningData HoldOut(float share, int seed)
    {
        if (Validation.Count > 0 || share <= 0 || Training.Count < 2)
        {
            return this;
        }

        int[] order = [.. Enumerable.Range(0, Training.Count)];
        new Random(seed).Shuffle(order);
        HashSet<int> held = [.. order.Take(Math.Clamp((int)Math.Round(share * Training.Count), 1, Training.Count - 1))];
        return new FineTuningData(
            [.. Training.Where((_, i) => !held.Contains(i))], [.. Training.Where((_, i) => held.Contains(i))]);
    }

    /// <summary>Checks the shape of every item.</summary>
    /// <exception cref="ArgumentException">There are no items, or one has another number of examples or tokens than the method takes.</exception>
    internal void Check(FineTuningMethod method, int maxTokens)
    {
        if (Training.Count == 0)
        {
            throw new ArgumentException("the data set has no examples");
        }

        int wanted = method == FineTuningMethod.Dpo ? 2 : 1;
        foreach ((string part, IReadOnlyList<IReadOnlyList<TrainingExample>> items) in new[] { ("training", Training), ("validation", Validation) })
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i].Count != wanted)
                {
                    throw new ArgumentException($"{part} item {i} has {items[i].Count} examples; the method takes {wanted}");
                }

                TrainingExample? wrong = items[i].FirstOrDefault(e => e.Tokens.Length < 2 || e.Tokens.Length > maxTokens || e.Weights.Length != e.Tokens.Length);
                if (wrong is not null)
                {
                    throw new ArgumentException($"{part} item {i} has {wrong.Tokens.Length} tokens and {wrong.Weights.Length} weights; 2 to {maxTokens} of each are taken");
                }
            }
        }
    }
}
