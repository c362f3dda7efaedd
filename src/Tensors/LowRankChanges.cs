namespace Inference.Tensors;

/// <summary>The changes that all adapters of a batch make of a product, arranged once for all steps of the same adapters and rows.</summary>
public sealed class LowRankChanges
{
    /// <summary>Rows of a task: A and B are read once for so many.</summary>
    private const int RowsPerTask = 12;

    private readonly LowRankChange[] _changes;

    /// <summary>Arranges the changes.</summary>
    /// <param name="changes">At least one; no row is in two. They have as many parts each, of the same layers.</param>
    /// <exception cref="ArgumentException">There is none, or their parts do not fit each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is negative.</exception>
    public LowRankChanges(params ReadOnlySpan<LowRankChange> changes)
    {
        _changes = changes.ToArray();
        LowRankParts first = _changes.Length > 0 ? _changes[0].Parts : throw new ArgumentException("there is no change", nameof(changes));
        (Inputs, Type, Outputs) = (first.Inputs, first.Type, new int[first.Outputs.Length]);
        List<LowRankTask> tasks = [];
        int offset = 0;
        for (int i = 0; i < _changes.Length; i++)
        {
            (int[] rows, LowRankParts parts) = _changes[i];
            Require.Indices(rows, int.MaxValue, nameof(changes));
            Require.Length(parts.Outputs.Length, Outputs.Length, nameof(changes));
            for (int part = 0; part < Outputs.Length; part++)
            {
                int outputs = parts.Outputs[part];
                if (parts.Inputs != Inputs || (outputs > 0 && Outputs[part] > 0 && outputs != Outputs[part]))
                {
                    throw new ArgumentException($"part {part} is changed by [{outputs}, {parts.Inputs}] and by [{Outputs[part]}, {Inputs}]", nameof(changes));
                }

                Outputs[part] = Math.Max(Outputs[part], outputs);
            }

            Type = parts.Type == Type ? Type : null;
            IsPlaced |= parts.IsPlaced;
            RowLimit = rows.Length == 0 ? RowLimit : Math.Max(RowLimit, rows.Max() + 1);
            for (int row = 0; row < rows.Length; row += RowsPerTask)
            {
                int together = Math.Min(RowsPerTask, rows.Length - row);
                tasks.Add(new LowRankTask(i, row, together, offset));
                offset += together * parts.NarrowBytes;
            }
        }

        (Tasks, NarrowBytes) = ([.. tasks], offset);
    }

    /// <summary>The changes.</summary>
    public ReadOnlySpan<LowRankChange> All => _changes;

    /// <summary>Columns of the layers.</summary>
    public int Inputs { get; }

    /// <summary>By part the outputs, 0 where nothing is changed.</summary>
    internal int[] Outputs { get; }

    /// <summary>More than each row.</summary>
    internal int RowLimit { get; }

    /// <summary>Number format of all, or null where they differ.</summary>
    internal DType? Type { get; }

    /// <summary>One of them was placed on a backend whose memory the host does not reach.</summary>
    internal bool IsPlaced { get; }

    /// <summary>Pieces of work.</summary>
    internal LowRankTask[] Tasks { get; }

    /// <summary>Bytes between the halves of all tasks.</summary>
    internal int NarrowBytes { get; }

    /// <summary>The changes of each part by itself.</summary>
    internal LowRankProduct[] Products(LinearProduct product)
    {
        List<LowRankProduct> products = [];
        foreach ((int[] rows, LowRankParts parts) in _changes)
        {
            for (int i = 0; i < parts.Weights.Length; i++)
            {
                if (parts.Weights[i] is { } weight)
                {
                    products.Add(new LowRankProduct(product.X, rows, weight, product.Bias.Length == 0 ? null : product.Bias[i], product.Y[i]));
                }
            }
        }

        return [.. products];
    }
}
