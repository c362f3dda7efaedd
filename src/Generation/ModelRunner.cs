using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Generation;

/// <summary>Runs scheduled steps through the model, over the paged KV cache that it owns.</summary>
internal sealed class ModelRunner(ICausalModel model, int blockCount, int blockLength, DType cacheType) : IDisposable
{
    private readonly KvCache _cache = model.CreateKvCache(blockCount, blockLength, cacheType);
    private Readback _logits = model.CreateLogits(1);
    private IReadOnlyList<AdapterRows> _adapters = [];

    /// <summary>
    /// Runs a step. Returns logits [rows, vocabulary]: for each item in order, the rows of its positions from
    /// <see cref="ScheduledSequence.FirstLogit"/> on, in the host's memory: the one thing of a step that is waited for. Valid until the next call.
    /// </summary>
    public Tensor Run(ScheduledStep step)
    {
        ForwardBatch batch = Build(step);
        int rows = batch.LogitRows.Length;
        if (rows > _logits.Capacity)
        {
            _logits.Dispose();
            _logits = model.CreateLogits(rows);
        }

        model.Forward(batch, _cache, _logits.Rows(rows));
        _logits.Begin();
        return _logits.End();
    }

    public void Dispose()
    {
        _logits.Dispose();
        _cache.Dispose();
    }

    private ForwardBatch Build(ScheduledStep step)
    {
        int count = step.TokenCount;
        int[] tokens = new int[count];
        int[] positions = new int[count];
        int[] slots = new int[count];
        AttentionSlice[] slices = new AttentionSlice[step.Items.Count];
        List<int> logitRows = [];
        Dictionary<AdapterWeights, List<int>> adapters = [];
        int row = 0;
        for (int i = 0; i < slices.Length; i++)
        {
            ScheduledSequence item = step.Items[i];
            ReadOnlyMemory<int> table = item.Sequence.BlockTable;
            slices[i] = new AttentionSlice(row, item.Rows, item.First, table);
            AddRows(adapters, item.Sequence.Adapter, row, item.Rows);
            for (int position = item.First; position < item.First + item.Rows; position++, row++)
            {
                tokens[row] = position < item.First + item.Count ? item.Sequence.Tokens[position] : item.Draft.Span[position - item.First - item.Count];
                positions[row] = position;
                slots[row] = (table.Span[position / blockLength] * blockLength) + (position % blockLength);
                if (position >= item.FirstLogit)
                    logitRows.Add(row);
            }
        }

        return new ForwardBatch
        {
            TokenIds = tokens,
            Positions = positions,
            Slots = slots,
            Slices = slices,
            LogitRows = [.. logitRows],
            Adapters = Kept(adapters),
        };
    }

    /// <summary>The adapters of the step: the last step's list where nothing has changed, so that what was made of it is kept.</summary>
    private IReadOnlyList<AdapterRows> Kept(Dictionary<AdapterWeights, List<int>> adapters)
    {
        bool isSame = adapters.Count == _adapters.Count;
        foreach (AdapterRows known in _adapters)
        {
            isSame = isSame && adapters.TryGetValue(known.Weights, out List<int>? rows) && rows.SequenceEqual(known.Rows);
        }

        return isSame ? _adapters : _adapters = [.. adapters.Select(a => new AdapterRows(a.Key, [.. a.Value]))];
    }

    private static void AddRows(Dictionary<AdapterWeights, List<int>> adapters, AdapterWeights? adapter, int first, int count)
    {
        if (adapter is null)
            return;
        if (!adapters.TryGetValue(adapter, out List<int>? rows))
            adapters[adapter] = rows = [];
        rows.AddRange(Enumerable.Range(first, count));
    }
}
