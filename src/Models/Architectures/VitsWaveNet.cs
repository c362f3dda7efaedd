using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Gated convolutions whose results are partly the next layer's input, partly summed up (van den Oord et al., 2016).</summary>
internal sealed class VitsWaveNet : IDisposable
{
    private readonly IBackend _backend;
    private readonly int _width;
    private readonly Convolution? _condition;
    private readonly (Convolution Gates, Convolution? Residual, Convolution Skip)[] _layers;

    public VitsWaveNet(VitsWeights weights, IBackend backend, string name)
    {
        VitsConfig config = weights.Config;
        int count = config.WaveNetLayers, width = config.HiddenSize, dilation = 1;
        (_backend, _width) = (backend, width);
        _condition = config.SpeakerSize > 0 ? weights.Convolution(backend, name + "cond_layer", 2 * width * count, config.SpeakerSize, 1) : null;
        _layers = new (Convolution, Convolution?, Convolution)[count];
        for (int i = 0; i < count; i++)
        {
            Convolution gates = weights.Convolution(backend, $"{name}in_layers.{i}", 2 * width, width, config.WaveNetTaps, dilation);
            string output = $"{name}res_skip_layers.{i}";
            _layers[i] = i + 1 < count
                ? (gates, weights.Convolution(backend, output, 2 * width, width, 1, part: (0, width)), weights.Convolution(backend, output, 2 * width, width, 1, part: (width, width)))
                : (gates, null, weights.Convolution(backend, output, width, width, 1));
            dilation *= config.WaveNetDilation;
        }
    }

    /// <summary>x [T, width] is spent; the sum goes to y [T, width]. speaker [1, d] or null.</summary>
    public void Forward(Tensor x, Tensor? speaker, Tensor y)
    {
        using Tensor gates = _backend.Allocate(x.Rows, 2 * _width), gated = _backend.Allocate(x.Rows, _width);
        using Tensor offsets = _backend.Allocate(1, 2 * _width * _layers.Length);
        if (_condition is not null && speaker is not null)
        {
            _condition.Forward(speaker, offsets);
        }

        _backend.Clear(y);
        Tensor layers = offsets.Reshape(_layers.Length, 2 * _width);
        for (int i = 0; i < _layers.Length; i++)
        {
            (Convolution input, Convolution? residual, Convolution skip) = _layers[i];
            using Tensor bias = VitsSpeaker.Bias(_backend, input.Bias, layers.Slice(i, 1));
            input.Forward(x, bias, gates);
            _backend.GatedTanh(gates, gated);
            residual?.Add(gated, x);
            skip.Add(gated, y);
        }
    }

    public void Dispose()
    {
        _condition?.Dispose();
        foreach ((Convolution gates, Convolution? residual, Convolution skip) in _layers)
        {
            gates.Dispose();
            residual?.Dispose();
            skip.Dispose();
        }
    }
}
