using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Which tokens go to which experts, from a router's scores: each to those of the greatest probabilities, the lower number among equals.</summary>
internal sealed class ExpertRouting(ExpertConfig config)
{
    private readonly int[] _first = new int[config.Count + 1];
    private readonly int[] _next = new int[config.Count];

    /// <summary>The tokens' rows, expert by expert, ascending within each.</summary>
    public int[] Rows { get; private set; } = [];

    /// <summary>The experts' weights for these rows.</summary>
    public float[] Weights { get; private set; } = [];

    /// <summary>Where an expert's rows begin.</summary>
    public int First(int expert) => _first[expert];

    /// <summary>Rows that an expert has.</summary>
    public int Count(int expert) => _first[expert + 1] - _first[expert];

    /// <summary>Sorts the rows of scores [T, experts] by their experts.</summary>
    public void Route(Tensor scores)
    {
        int perToken = config.PerToken;
        int[] chosen = new int[scores.Rows * perToken];
        float[] weights = new float[chosen.Length];
        Array.Clear(_first);
        for (int row = 0; row < scores.Rows; row++)
        {
            Choose(scores.Row(row), chosen.AsSpan(row * perToken, perToken), weights.AsSpan(row * perToken, perToken));
        }

        foreach (int expert in chosen)
        {
            _first[expert + 1]++;
        }

        for (int e = 0; e < config.Count; e++)
        {
            _first[e + 1] += _first[e];
            _next[e] = _first[e];
        }

        (Rows, Weights) = (new int[chosen.Length], new float[chosen.Length]);
        for (int i = 0; i < chosen.Length; i++)
        {
            int place = _next[chosen[i]]++;
            (Rows[place], Weights[place]) = (i / perToken, weights[i]);
        }
    }

    /// <summary>Softmax over all experts, then the greatest. scores is overwritten.</summary>
    private void Choose(Span<float> scores, Span<int> chosen, Span<float> weights)
    {
        float largest = float.NegativeInfinity, total = 0;
        foreach (float score in scores)
        {
            largest = MathF.Max(largest, score);
        }

        foreach (ref float score in scores)
        {
            score = MathF.Exp(score - largest);
            total += score;
        }

        float sum = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            int best = 0;
            for (int e = 1; e < scores.Length; e++)
            {
                best = scores[e] > scores[best] ? e : best;
            }

            (chosen[i], weights[i]) = (best, scores[best]);
            sum += scores[best];
            scores[best] = -1;
        }

        foreach (ref float weight in weights)
        {
            weight /= config.NormalizeWeights ? sum : total;
        }
    }
}
