using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>HiFi-GAN's residual block of either kind: x += [plain(leaky)] dilated(leaky(x)), dilation after dilation.</summary>
internal sealed class VitsResidualBlock : IDisposable
{
    private readonly IBackend _backend;
    private readonly float _slope;
    private readonly (Convolution Dilated, Convolution? Plain)[] _layers;

    public VitsResidualBlock(VitsWeights weights, IBackend backend, string name, int channels, int taps, int[] dilations)
    {
        VitsVocoderConfig config = weights.Config.Vocoder;
        (_backend, _slope) = (backend, config.Slope);
        _layers =
        [
            .. dilations.Select((dilation, i) => (
                weights.Convolution(backend, $"{name}{(config.HasPairs ? "convs1" : "convs")}.{i}", channels, channels, taps, dilation),
                config.HasPairs ? weights.Convolution(backend, $"{name}convs2.{i}", channels, channels, taps) : null)),
        ];
    }

    /// <summary>x [T, channels] in place; the others are scratch of the same shape.</summary>
    public void Forward(Tensor x, Tensor active, Tensor inner)
    {
        foreach ((Convolution dilated, Convolution? plain) in _layers)
        {
            _backend.LeakyRelu(x, _slope, active);
            if (plain is null)
            {
                dilated.Add(active, x);
                continue;
            }

            dilated.Forward(active, inner);
            _backend.LeakyRelu(inner, _slope, inner);
            plain.Add(inner, x);
        }
    }

    public void Dispose()
    {
        foreach ((Convolution dilated, Convolution? plain) in _layers)
        {
            dilated.Dispose();
            plain?.Dispose();
        }
    }
}
