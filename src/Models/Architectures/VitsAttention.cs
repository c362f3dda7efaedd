using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// Full self-attention with relative positions (Shaw, Uszkoreit, Vaswani, 2018): rows at most `Window` apart have an embedding of
/// their distance, one added to the key, another to the value; all heads share them.
/// </summary>
internal sealed class VitsAttention : IDisposable
{
    private readonly IBackend _backend;
    private readonly int _heads, _width, _window;
    private readonly Projection _queryKeyValue, _output;
    private readonly Tensor? _relativeKeys, _relativeValues;

    public VitsAttention(VitsWeights weights, IBackend backend, string name)
    {
        (_backend, _heads, _width, _window) = (backend, weights.Config.Heads, weights.Config.HiddenSize, weights.Config.Window);
        _queryKeyValue = new Projection(backend, Affine("q_proj"), Affine("k_proj"), Affine("v_proj"));
        _output = new Projection(backend, Affine("out_proj"));
        if (_window > 0)
        {
            int distances = (2 * _window) + 1, headWidth = _width / _heads;
            _relativeKeys = weights.Place(Tensor.From(distances, headWidth, weights.Read(name + "emb_rel_k", 1, distances, headWidth)));
            _relativeValues = weights.Place(Transpose(weights.Read(name + "emb_rel_v", 1, distances, headWidth), distances, headWidth));
        }

        Linear Affine(string projection) => new(
            weights.Matrix($"{name}{projection}.weight", _width, _width),
            weights.Place(Tensor.From(1, _width, weights.Read($"{name}{projection}.bias", _width))));
    }

    /// <summary>x, y [T, width].</summary>
    public void Forward(Tensor x, Tensor y)
    {
        int rows = x.Rows, headWidth = _width / _heads, distances = (2 * _window) + 1;
        using Tensor q = _backend.Allocate(rows, _width), k = _backend.Allocate(rows, _width), v = _backend.Allocate(rows, _width);
        using Tensor attended = _backend.Allocate(rows, _width), scores = _backend.Allocate(rows, rows), near = _backend.Allocate(rows, distances);
        using Tensor part = _backend.Allocate(rows, headWidth);
        _queryKeyValue.Forward(x, q, k, v);
        _backend.Scale(q, 1 / MathF.Sqrt(headWidth));
        using (HostTensor queries = _backend.ReadOnHost(q), keys = _backend.ReadOnHost(k), answers = _backend.ReadOnHost(v), target = _backend.WriteOnHost(attended))
        {
            for (int head = 0; head < _heads; head++)
            {
                using Tensor query = _backend.Place(Columns(queries.Tensor, head * headWidth, headWidth)), key = _backend.Place(Columns(keys.Tensor, head * headWidth, headWidth));
                using Tensor values = _backend.Place(Transpose(answers.Tensor, head * headWidth, headWidth));
                _backend.Linear(query, key, null, scores);
                if (_relativeKeys is not null)
                {
                    _backend.Linear(query, _relativeKeys, null, near);
                }

                using (HostTensor hostScores = _backend.ChangeOnHost(scores), hostNear = _backend.ChangeOnHost(near))
                {
                    (Tensor all, Tensor some) = (hostScores.Tensor, hostNear.Tensor);
                    _backend.RunOnHost(rows, (row, _) => Weigh(all.Row(row), some.Row(row), row));
                }

                _backend.Linear(scores, values, null, part);
                Put(part, target.Tensor, head * headWidth, isFirst: true);
                if (_relativeValues is not null)
                {
                    _backend.Linear(near, _relativeValues, null, part);
                    Put(part, target.Tensor, head * headWidth, isFirst: false);
                }
            }
        }

        _output.Forward(attended, y);
    }

    public void Dispose()
    {
        _queryKeyValue.Dispose();
        _output.Dispose();
    }

    /// <summary>Adds the distances' scores, takes the softmax, and leaves the probabilities of the near rows by distance.</summary>
    private void Weigh(Span<float> scores, Span<float> near, int row)
    {
        float largest = float.NegativeInfinity, sum = 0;
        for (int j = 0; j < scores.Length; j++)
        {
            int distance = j - row + _window;
            scores[j] += _relativeKeys is not null && distance >= 0 && distance < near.Length ? near[distance] : 0;
            largest = MathF.Max(largest, scores[j]);
        }

        foreach (ref float score in scores)
        {
            score = MathF.Exp(score - largest);
            sum += score;
        }

        near.Clear();
        for (int j = 0; j < scores.Length; j++)
        {
            scores[j] /= sum;
            int distance = j - row + _window;
            if (distance >= 0 && distance < near.Length)
            {
                near[distance] = scores[j];
            }
        }
    }

    private static Tensor Columns(Tensor x, int first, int count)
    {
        Tensor columns = Tensor.Allocate(x.Rows, count);
        for (int t = 0; t < x.Rows; t++)
        {
            x.Row(t).Slice(first, count).CopyTo(columns.Row(t));
        }

        return columns;
    }

    private static Tensor Transpose(Tensor x, int first, int count)
    {
        Tensor transposed = Tensor.Allocate(count, x.Rows);
        Span<float> target = transposed.Span;
        for (int t = 0; t < x.Rows; t++)
        {
            ReadOnlySpan<float> row = x.Row(t).Slice(first, count);
            for (int i = 0; i < count; i++)
            {
                target[(i * x.Rows) + t] = row[i];
            }
        }

        return transposed;
    }

    private static Tensor Transpose(float[] values, int rows, int columns)
    {
        using Tensor stored = Tensor.From(rows, columns, values);
        return Transpose(stored, 0, columns);
    }

    private void Put(Tensor part, Tensor target, int first, bool isFirst)
    {
        using HostTensor host = _backend.ReadOnHost(part);
        for (int t = 0; t < part.Rows; t++)
        {
            ReadOnlySpan<float> source = host.Row(t);
            Span<float> row = target.Row(t).Slice(first, source.Length);
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = isFirst ? source[i] : row[i] + source[i];
            }
        }
    }
}
