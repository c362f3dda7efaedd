using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Depth-separable convolutions (Sifre, Mallat), dilated by taps to the power of the layer, each with norms, GELU and a residual.</summary>
internal sealed class VitsSeparableStack : IDisposable
{
    private readonly IBackend _backend;
    private readonly int _taps;
    private readonly (float[] Weight, float[] Bias, LayerNorm First, Convolution Pointwise, LayerNorm Second)[] _layers;

    public VitsSeparableStack(VitsWeights weights, IBackend backend, string name)
    {
        int width = weights.Config.HiddenSize;
        (_backend, _taps) = (backend, weights.Config.Durations.Taps);
        _layers =
        [
            .. Enumerable.Range(0, weights.Config.Durations.SeparableLayers).Select(i => (
                weights.Read($"{name}.convs_dilated.{i}.weight", width, 1, _taps), weights.Read($"{name}.convs_dilated.{i}.bias", width),
                weights.Norm($"{name}.norms_1.{i}", width), weights.Convolution(backend, $"{name}.convs_pointwise.{i}", width, width, 1),
                weights.Norm($"{name}.norms_2.{i}", width))),
        ];
    }

    /// <summary>x [T, width] in place; condition [T, width] is added first, or null.</summary>
    public void Forward(Tensor x, Tensor? condition)
    {
        if (condition is not null)
        {
            _backend.Add(condition, x);
        }

        using Tensor y = _backend.Allocate(x.Rows, x.Columns), z = _backend.Allocate(x.Rows, x.Columns);
        int dilation = 1;
        foreach ((float[] weight, float[] bias, LayerNorm first, Convolution pointwise, LayerNorm second) in _layers)
        {
            int step = dilation;
            using (HostTensor source = _backend.ReadOnHost(x), target = _backend.WriteOnHost(y))
            {
                (Tensor from, Tensor to) = (source.Tensor, target.Tensor);
                _backend.RunOnHost(x.Rows, (row, _) => Depthwise(from, row, weight, bias, step, to.Row(row)));
            }

            first.Forward(_backend, y, y);
            _backend.Gelu(y, y);
            pointwise.Forward(y, z);
            second.Forward(_backend, z, z);
            _backend.Gelu(z, z);
            _backend.Add(z, x);
            dilation *= _taps;
        }
    }

    public void Dispose() => Array.ForEach(_layers, layer => layer.Pointwise.Dispose());

    /// <summary>Each channel by itself.</summary>
    private void Depthwise(Tensor x, int row, float[] weight, float[] bias, int dilation, Span<float> y)
    {
        bias.CopyTo(y);
        for (int tap = 0; tap < _taps; tap++)
        {
            int source = row + ((tap - (_taps / 2)) * dilation);
            if (source < 0 || source >= x.Rows)
            {
                continue;
            }

            ReadOnlySpan<float> values = x.Row(source);
            for (int i = 0; i < y.Length; i++)
            {
                y[i] += weight[(i * _taps) + tap] * values[i];
            }
        }
    }
}
