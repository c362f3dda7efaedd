namespace Inference.Tensors.Reference;

/// <content>Matrix products and embeddings.</content>
public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Embedding(Tensor table, ReadOnlySpan<int> ids, Tensor y)
    {
        OperationShapes.Embedding(table, ids, y);
        for (int t = 0; t < ids.Length; t++)
        {
            y.WriteRow(t, table.ReadRow(ids[t]));
        }
    }

    /// <inheritdoc/>
    public void EmbeddingBackward(ReadOnlySpan<int> ids, Tensor dy, Tensor dtable)
    {
        OperationShapes.EmbeddingBackward(ids, dy, dtable);
        for (int t = 0; t < ids.Length; t++)
        {
            float[] sum = dtable.ReadRow(ids[t]);
            float[] row = dy.ReadRow(t);
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += row[i];
            }

            dtable.WriteRow(ids[t], sum);
        }
    }

    /// <inheritdoc/>
    public void Linear(Tensor x, Tensor w, Tensor? bias, Tensor y)
    {
        OperationShapes.Linear(x, w, bias, y);
        float[][] a = Read(x), b = Read(w);
        float[]? offset = bias?.ReadRow(0);
        Write(y, (t, o) => Sum(x.Columns, i => (double)a[t][i] * b[o][i]) + (offset?[o] ?? 0));
    }

    /// <inheritdoc/>
    public PreparedWeight Prepare(params ReadOnlySpan<Tensor> parts) => new(parts);

    /// <inheritdoc/>
    public void Linear(Tensor x, PreparedWeight w, ReadOnlySpan<Tensor?> bias, ReadOnlySpan<Tensor> y)
    {
        OperationShapes.Linear(x, w, bias, y);
        for (int i = 0; i < y.Length; i++)
        {
            Linear(x, w.Parts[i], bias.IsEmpty ? null : bias[i], y[i]);
        }
    }

    /// <inheritdoc/>
    public void AddLowRank(ReadOnlySpan<LowRankProduct> products)
    {
        foreach (LowRankProduct product in products)
        {
            OperationShapes.AddLowRank(product);
            LowRankWeight w = product.W;
            float[]? factors = w.Factors?.ReadRow(0), bias = product.Bias?.ReadRow(0);
            foreach (int row in product.Rows)
            {
                float[] x = product.X.ReadRow(row), y = product.Y.ReadRow(row);
                double[] narrow = [.. Enumerable.Range(0, w.Rank).Select(j => w.Scale * Sum(x.Length, i => (double)w.DownAt(j, i) * x[i]))];
                for (int o = 0; o < y.Length; o++)
                {
                    double sum = Sum(w.Rank, j => narrow[j] * w.UpAt(o, j));
                    double offset = bias?[o] ?? 0;
                    y[o] = (float)(factors is null ? y[o] + sum : (factors[o] * (y[o] - offset + sum)) + offset);
                }

                product.Y.WriteRow(row, y);
            }
        }
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        OperationShapes.LinearBackwardInput(dy, w, dx);
        float[][] d = Read(dy), b = Read(w);
        Accumulate(dx, (t, i) => Sum(w.Rows, o => (double)d[t][o] * b[o][i]));
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor x, Tensor dy, Tensor dw, Tensor? dbias)
    {
        OperationShapes.LinearBackwardWeight(x, dy, dw, dbias);
        float[][] a = Read(x), d = Read(dy);
        Accumulate(dw, (o, i) => Sum(x.Rows, t => (double)d[t][o] * a[t][i]));
        if (dbias is not null)
        {
            Accumulate(dbias, (_, o) => Sum(x.Rows, t => d[t][o]));
        }
    }
}
