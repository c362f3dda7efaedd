using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// The stochastic duration predictor in the direction of synthesis: noise of two channels goes back through spline flows that the
/// text conditions, the last of which (the first of the list) is left out as in the authors' code, and an affine one.
/// </summary>
internal sealed class VitsStochasticDurations : IVitsDurations
{
    private const int Latents = 2;

    private readonly IBackend _backend;
    private readonly VitsConfig _config;
    private readonly Convolution _pre, _project;
    private readonly Convolution? _condition;
    private readonly VitsSeparableStack _stack;
    private readonly (Convolution Pre, VitsSeparableStack Stack, Convolution Project)[] _flows;
    private readonly float[] _translate, _logScale;
    private readonly RationalQuadraticSpline _spline;

    public VitsStochasticDurations(VitsWeights weights, IBackend backend)
    {
        (_backend, _config) = (backend, weights.Config);
        int width = _config.HiddenSize;
        const string Name = "duration_predictor.";
        _pre = weights.Convolution(backend, Name + "conv_pre", width, width, 1);
        _project = weights.Convolution(backend, Name + "conv_proj", width, width, 1);
        _condition = _config.SpeakerSize > 0 ? weights.Convolution(backend, Name + "cond", width, _config.SpeakerSize, 1) : null;
        _stack = new VitsSeparableStack(weights, backend, Name + "conv_dds");
        _flows =
        [
            .. Enumerable.Range(2, _config.Durations.Flows - 1).Reverse().Select(i => $"{Name}flows.{i}.").Select(flow => (
                weights.Convolution(backend, flow + "conv_pre", width, 1, 1), new VitsSeparableStack(weights, backend, flow + "conv_dds"),
                weights.Convolution(backend, flow + "conv_proj", VitsTensors.SplineSize(_config.Durations.Bins), width, 1))),
        ];
        _translate = weights.Read(Name + "flows.0.translate", Latents, 1);
        _logScale = weights.Read(Name + "flows.0.log_scale", Latents, 1);
        _spline = new RationalQuadraticSpline(_config.Durations.Bins, _config.Durations.TailBound);
    }

    public float[] Predict(Tensor hidden, Tensor? speaker, Func<float> noise)
    {
        int rows = hidden.Rows;
        using Tensor inner = _backend.Allocate(rows, _config.HiddenSize), condition = _backend.Allocate(rows, _config.HiddenSize);
        _pre.Forward(hidden, inner);
        using Tensor conditioned = VitsSpeaker.Add(_backend, inner, _condition, speaker);
        _stack.Forward(conditioned, null);
        _project.Forward(conditioned, condition);

        Tensor first = _backend.Allocate(rows, 1), second = _backend.Allocate(rows, 1);
        using Tensor parameters = _backend.Allocate(rows, VitsTensors.SplineSize(_config.Durations.Bins));
        Fill(_backend, first, noise);
        Fill(_backend, second, noise);
        double scale = 1 / Math.Sqrt(_config.HiddenSize);
        foreach ((Convolution pre, VitsSeparableStack stack, Convolution project) in _flows)
        {
            (first, second) = (second, first);
            pre.Forward(first, inner);
            stack.Forward(inner, condition);
            project.Forward(inner, parameters);
            using HostTensor knots = _backend.ReadOnHost(parameters), moved = _backend.ChangeOnHost(second);
            for (int t = 0; t < rows; t++)
            {
                moved.Span[t] = (float)_spline.Inverse(knots.Row(t), scale, moved.Span[t]);
            }
        }

        // The last swap brings the channel that is the durations to the front.
        using (first)
        using (second)
        using (HostTensor host = _backend.ReadOnHost(second))
        {
            return [.. host.Span.ToArray().Select(z => (z - _translate[0]) * MathF.Exp(-_logScale[0]))];
        }
    }

    public void Dispose()
    {
        _pre.Dispose();
        _project.Dispose();
        _condition?.Dispose();
        _stack.Dispose();
        foreach ((Convolution pre, VitsSeparableStack stack, Convolution project) in _flows)
        {
            pre.Dispose();
            stack.Dispose();
            project.Dispose();
        }
    }

    private static void Fill(IBackend backend, Tensor channel, Func<float> noise)
    {
        using HostTensor host = backend.WriteOnHost(channel);
        foreach (ref float value in host.Span)
        {
            value = noise();
        }
    }
}
