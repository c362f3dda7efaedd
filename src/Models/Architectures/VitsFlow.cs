using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// The residual-coupling flow backwards, from the text's distribution to the decoder's frames: before each coupling the channels are
/// reversed; then the second half loses a mean that is a function of the first.
/// </summary>
internal sealed class VitsFlow : IDisposable
{
    private readonly IBackend _backend;
    private readonly int _half, _width, _reach;
    private readonly (Convolution Pre, VitsWaveNet Net, Convolution Post)[] _couplings;

    public VitsFlow(VitsWeights weights, IBackend backend)
    {
        VitsConfig config = weights.Config;
        _backend = backend;
        (_half, _width) = (config.FlowSize / 2, config.HiddenSize);
        _reach = Enumerable.Range(0, config.WaveNetLayers).Sum(i => config.WaveNetTaps / 2 * (int)Math.Pow(config.WaveNetDilation, i)) * config.Flows;
        _couplings =
        [
            .. Enumerable.Range(0, config.Flows).Reverse().Select(i => $"flow.flows.{i}.").Select(flow => (
                weights.Convolution(backend, flow + "conv_pre", _width, _half, 1), new VitsWaveNet(weights, backend, flow + "wavenet."),
                weights.Convolution(backend, flow + "conv_post", _half, _width, 1))),
        ];
    }

    /// <summary>Makes latents [first, end), in the backend's memory, of a text's prior, in the host's, [T, flow] both: of it and of the frames around that these depend on.</summary>
    public void Reverse(Tensor prior, Tensor? speaker, int first, int end, Tensor latents)
    {
        int from = Math.Max(0, first - _reach), to = Math.Min(prior.Rows, end + _reach);
        using Tensor piece = Tensor.From(to - from, prior.Columns, prior.Slice(from, to - from).Span);
        Reverse(piece, speaker);
        _backend.Copy(piece.Slice(first - from, end - first), latents.Slice(first, end - first));
    }

    private void Reverse(Tensor latents, Tensor? speaker)
    {
        int rows = latents.Rows;
        using Tensor first = _backend.Allocate(rows, _half), mean = _backend.Allocate(rows, _half);
        using Tensor inner = _backend.Allocate(rows, _width), sum = _backend.Allocate(rows, _width);
        foreach ((Convolution pre, VitsWaveNet net, Convolution post) in _couplings)
        {
            using (HostTensor halves = _backend.WriteOnHost(first))
            {
                for (int t = 0; t < rows; t++)
                {
                    latents.Row(t).Reverse();
                    latents.Row(t)[.._half].CopyTo(halves.Row(t));
                }
            }

            pre.Forward(first, inner);
            net.Forward(inner, speaker, sum);
            post.Forward(sum, mean);
            using HostTensor means = _backend.ReadOnHost(mean);
            for (int t = 0; t < rows; t++)
            {
                Span<float> second = latents.Row(t)[_half..];
                ReadOnlySpan<float> lost = means.Row(t);
                for (int i = 0; i < lost.Length; i++)
                {
                    second[i] -= lost[i];
                }
            }
        }
    }

    public void Dispose()
    {
        foreach ((Convolution pre, VitsWaveNet net, Convolution post) in _couplings)
        {
            pre.Dispose();
            net.Dispose();
            post.Dispose();
        }
    }
}
