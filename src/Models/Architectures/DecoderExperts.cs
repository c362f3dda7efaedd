using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// A mixture of experts: a router chooses some of many feed-forward layers for each token, and their answers are summed by the
/// router's probabilities (Shazeer et al., 2017; Jiang et al., Mixtral, 2024). Each expert works on the rows of its tokens, gathered;
/// answers are added in the experts' order, so that a row gives the same bits in any batch.
/// </summary>
internal sealed class DecoderExperts : IDisposable
{
    private readonly ExpertConfig _config;
    private readonly Linear _router;
    private readonly DecoderFeedForward[] _experts;
    private readonly List<int>[] _rows;
    private readonly List<float>[] _weights;
    private readonly (float Probability, int Expert)[] _ranking;

    /// <summary>Takes the tensors of a layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderExperts(ModelWeights weights, IBackend backend, DecoderDesign design, ExpertConfig config, string prefix)
    {
        ExpertNames names = design.ExpertNames;
        int hidden = weights.Config.HiddenSize, inner = config.IntermediateSize;
        Linear Of(int expert, string part, int outputs, int inputs) => weights.Linear($"{prefix}.{names.Experts}.{expert}.{part}", outputs, inputs);
        _config = config;
        _router = weights.Linear($"{prefix}.{names.Router}", config.Count, hidden);
        _experts =
        [
            .. Enumerable.Range(0, config.Count).Select(e => new DecoderFeedForward(
                backend, design.Activation, [Of(e, names.Gate, inner, hidden), Of(e, names.Up, inner, hidden)], Of(e, names.Down, hidden, inner))),
        ];
        _rows = [.. _experts.Select(_ => new List<int>())];
        _weights = [.. _experts.Select(_ => new List<float>())];
        _ranking = new (float, int)[config.Count];
    }

    /// <summary>input [T, hidden] to <see cref="DecoderScratch.Change"/>.</summary>
    public void Forward(IBackend backend, Tensor input, DecoderScratch s)
    {
        _router.Forward(backend, input, s.Routed);
        Route(s.Routed);
        s.Change.Clear();
        for (int e = 0; e < _experts.Length; e++)
        {
            int count = _rows[e].Count;
            if (count > 0)
            {
                int[] rows = [.. _rows[e]];
                Tensor gathered = s.Gathered.Slice(0, count), answer = s.Answer.Slice(0, count);
                backend.Embedding(input, rows, gathered);
                _experts[e].Forward(backend, gathered, s.Gated.Slice(0, count), s.Raised.Slice(0, count), answer);
                backend.ScatterAddRows(answer, rows, _weights[e].ToArray(), s.Change);
            }
        }
    }

    public void Dispose() => Array.ForEach(_experts, expert => expert.Dispose());

    /// <summary>Sorts the rows by their experts. Among equal probabilities the lower number wins.</summary>
    private void Route(Tensor logits)
    {
        Array.ForEach(_rows, rows => rows.Clear());
        Array.ForEach(_weights, weights => weights.Clear());
        for (int row = 0; row < logits.Rows; row++)
        {
            Span<float> scores = logits.Row(row);
            float largest = float.NegativeInfinity, total = 0;
            foreach (float score in scores)
            {
                largest = MathF.Max(largest, score);
            }

            for (int e = 0; e < scores.Length; e++)
            {
                float probability = MathF.Exp(scores[e] - largest);
                total += probability;
                _ranking[e] = (probability, e);
            }

            Array.Sort(_ranking, (a, b) => a.Probability != b.Probability ? b.Probability.CompareTo(a.Probability) : a.Expert.CompareTo(b.Expert));
            Span<(float Probability, int Expert)> chosen = _ranking.AsSpan(0, _config.PerToken);
            if (_config.NormalizeWeights)
            {
                total = 0;
                foreach ((float probability, _) in chosen)
                {
                    total += probability;
                }
            }

            foreach ((float probability, int expert) in chosen)
            {
                _rows[expert].Add(row);
                _weights[expert].Add(probability / total);
            }
        }
    }
}
