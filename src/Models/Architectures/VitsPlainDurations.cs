using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The duration predictor without chance: two convolutions with ReLU and norm, and a projection.</summary>
internal sealed class VitsPlainDurations : IVitsDurations
{
    private readonly IBackend _backend;
    private readonly Convolution _first, _second, _project;
    private readonly Convolution? _condition;
    private readonly LayerNorm _firstNorm, _secondNorm;
    private readonly int _channels;

    public VitsPlainDurations(VitsWeights weights, IBackend backend)
    {
        VitsConfig config = weights.Config;
        (_backend, _channels) = (backend, config.Durations.Channels);
        _first = weights.Convolution(backend, "duration_predictor.conv_1", _channels, config.HiddenSize, config.Durations.Taps);
        _firstNorm = weights.Norm("duration_predictor.norm_1", _channels, config.NormEpsilon);
        _second = weights.Convolution(backend, "duration_predictor.conv_2", _channels, _channels, config.Durations.Taps);
        _secondNorm = weights.Norm("duration_predictor.norm_2", _channels, config.NormEpsilon);
        _project = weights.Convolution(backend, "duration_predictor.proj", 1, _channels, 1);
        _condition = config.SpeakerSize > 0 ? weights.Convolution(backend, "duration_predictor.cond", config.HiddenSize, config.SpeakerSize, 1) : null;
    }

    public float[] Predict(Tensor hidden, Tensor? speaker, Func<float> noise)
    {
        using Tensor x = VitsSpeaker.Add(_backend, hidden, _condition, speaker);
        using Tensor y = _backend.Allocate(x.Rows, _channels), z = _backend.Allocate(x.Rows, _channels), durations = _backend.Allocate(x.Rows, 1);
        _first.Forward(x, y);
        _backend.LeakyRelu(y, 0, y);
        _firstNorm.Forward(_backend, y, y);
        _second.Forward(y, z);
        _backend.LeakyRelu(z, 0, z);
        _secondNorm.Forward(_backend, z, z);
        _project.Forward(z, durations);
        using HostTensor host = _backend.ReadOnHost(durations);
        return host.Span.ToArray();
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _project.Dispose();
        _condition?.Dispose();
    }
}
