using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// A mixture of experts: a router chooses some of many feed-forward layers for each token, and their answers are summed by the
/// router's probabilities (Shazeer et al., 2017; Jiang et al., Mixtral, 2024). The rows of each expert's tokens are gathered, all
/// experts' products are made together, and answers are added in the experts' order, so that a row gives the same bits in any batch.
/// </summary>
internal sealed class DecoderExperts : IDisposable
{
    private readonly Activation _activation;
    private readonly ExpertRouting _routing;
    private readonly Linear _router;
    private readonly Projection[] _gateUp;
    private readonly Projection[] _down;

    /// <summary>Takes the tensors of a layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderExperts(ModelWeights weights, IBackend backend, DecoderDesign design, ExpertConfig config, string prefix)
    {
        ExpertNames names = design.ExpertNames;
        int hidden = weights.Config.HiddenSize, inner = config.IntermediateSize;
        Linear Of(int expert, string part, int outputs, int inputs) => weights.Linear($"{prefix}.{names.Experts}.{expert}.{part}", outputs, inputs);
        _activation = design.Activation;
        _routing = new ExpertRouting(config);
        _router = new Linear(weights.Place(weights.Matrix($"{prefix}.{names.Router}.weight", config.Count, hidden)));
        _gateUp = [.. Enumerable.Range(0, config.Count).Select(e => new Projection(backend, Of(e, names.Gate, inner, hidden), Of(e, names.Up, inner, hidden)))];
        _down = [.. Enumerable.Range(0, config.Count).Select(e => new Projection(backend, Of(e, names.Down, hidden, inner)))];
    }

    /// <summary>input [T, hidden] to <see cref="DecoderScratch.Change"/>.</summary>
    public void Forward(IBackend backend, Tensor input, DecoderScratch s)
    {
        _router.Forward(backend, input, s.Routed);
        backend.Clear(s.Change);
        for (int first = 0; first < input.Rows; first += DecoderScratch.ExpertTokens)
        {
            int count = Math.Min(DecoderScratch.ExpertTokens, input.Rows - first);
            Forward(backend, input.Slice(first, count), s.Routed.Slice(first, count), s, s.Change.Slice(first, count));
        }
    }

    public void Dispose()
    {
        Array.ForEach(_gateUp, projection => projection.Dispose());
        Array.ForEach(_down, projection => projection.Dispose());
    }

    private void Forward(IBackend backend, Tensor input, Tensor scores, DecoderScratch s, Tensor change)
    {
        using (HostTensor host = backend.ReadOnHost(scores))
        {
            _routing.Route(host.Tensor);
        }

        Tensor gathered = s.Gathered.Slice(0, _routing.Rows.Length), answers = s.Answers.Slice(0, _routing.Rows.Length);
        Tensor gated = s.ExpertGated.Slice(0, _routing.Rows.Length), raised = s.ExpertRaised.Slice(0, _routing.Rows.Length);
        bool isOneToken = input.Rows == 1;
        if (!isOneToken)
        {
            backend.Embedding(input, _routing.Rows, gathered);
        }

        // A single token is its own gathered row for each of its experts, and needs to be encoded only once.
        backend.Linear(Products((e, first, count) =>
            _gateUp[e].Product(isOneToken ? input : gathered.Slice(first, count), gated.Slice(first, count), raised.Slice(first, count))));
        DecoderFeedForward.Activate(backend, _activation, gated, raised);
        backend.Linear(Products((e, first, count) => _down[e].Product(gated.Slice(first, count), answers.Slice(first, count))));
        backend.ScatterAddRows(answers, _routing.Rows, _routing.Weights, change);
    }

    /// <summary>A product of each expert that has rows.</summary>
    private LinearProduct[] Products(Func<int, int, int, LinearProduct> product) =>
        [.. Enumerable.Range(0, _down.Length).Where(e => _routing.Count(e) > 0).Select(e => product(e, _routing.First(e), _routing.Count(e)))];
}
