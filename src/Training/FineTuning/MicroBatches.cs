using Inference.Training.Data;

namespace Inference.Training.FineTuning;

/// <summary>Items side by side in batches of bounded size.</summary>
internal static class MicroBatches
{
    /// <summary>Packs items in their order, a pair's two examples next to each other in one batch.</summary>
    public static List<PackedBatch> Pack(IEnumerable<IReadOnlyList<TrainingExample>> items, int maxRows)
    {
        List<PackedBatch> batches = [];
        List<TrainingExample> open = [];
        int rows = 0;
        foreach (IReadOnlyList<TrainingExample> item in items)
        {
            int more = item.Sum(e => e.Tokens.Length - 1);
            if (rows + more > maxRows && open.Count > 0)
            {
                batches.Add(PackedBatch.Pack(open));
                open.Clear();
                rows = 0;
            }

            open.AddRange(item);
            rows += more;
        }

        if (open.Count > 0)
        {
            batches.Add(PackedBatch.Pack(open));
        }

        return batches;
    }
}
