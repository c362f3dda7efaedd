using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Log-mel frames to states of 20 ms: two convolutions, sinusoidal positions, layers of full self-attention.</summary>
internal sealed class WhisperEncoder : IDisposable
{
    private readonly IBackend _backend;
    private readonly WhisperConfig _config;
    private readonly Projection _first, _second;
    private readonly Tensor _positions;
    private readonly (WhisperAttention Attention, WhisperFeedForward FeedForward)[] _layers;
    private readonly LayerNorm _norm;

    public WhisperEncoder(WhisperWeights weights, IBackend backend)
    {
        (_backend, _config) = (backend, weights.Config);
        int width = _config.HiddenSize;
        _first = new Projection(backend, weights.Convolution("model.encoder.conv1", width, _config.MelCount));
        _second = new Projection(backend, weights.Convolution("model.encoder.conv2", width, width));
        _positions = weights.FloatMatrix("model.encoder.embed_positions.weight", _config.AudioContext, width);
        _layers =
        [
            .. Enumerable.Range(0, _config.EncoderLayers).Select(i => (
                new WhisperAttention(weights, backend, $"model.encoder.layers.{i}.self_attn", cross: false),
                new WhisperFeedForward(weights, backend, $"model.encoder.layers.{i}.", _config.EncoderIntermediateSize))),
        ];
        _norm = weights.Norm("model.encoder.layer_norm", width);
    }

    /// <summary>
    /// mel [frames, mels] of several clips, clip s from starts[s] to starts[s + 1], to the states [rows, d] of all, whose starts
    /// are <see cref="ConvolutionColumns.StartsAfter"/> of stride 2. The caller owns the result.
    /// </summary>
    public Tensor Forward(Tensor mel, ReadOnlySpan<int> starts)
    {
        int width = _config.HiddenSize, headDimension = width / _config.EncoderHeads;
        int[] clips = ConvolutionColumns.StartsAfter(starts, 2);
        int rows = clips[^1];
        Tensor x = Convolve(mel, starts, clips);
        using Tensor normed = _backend.Allocate(rows, width), q = _backend.Allocate(rows, width), k = _backend.Allocate(rows, width);
        using Tensor v = _backend.Allocate(rows, width), attended = _backend.Allocate(rows, width);
        using Tensor logSumExp = _backend.Allocate(rows, _config.EncoderHeads), raised = _backend.Allocate(rows, _config.EncoderIntermediateSize);
        foreach ((WhisperAttention attention, WhisperFeedForward feedForward) in _layers)
        {
            attention.Norm.Forward(_backend, x, normed);
            attention.Query.Forward(normed, q, k, v);
            _backend.FullAttention(q, k, v, clips, clips, headDimension, 1 / MathF.Sqrt(headDimension), attended, logSumExp);
            attention.Output.Forward(attended, normed);
            _backend.Add(normed, x);
            feedForward.Forward(_backend, x, normed, raised, q);
        }

        _norm.Forward(_backend, x, x);
        return x;
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        foreach ((WhisperAttention attention, WhisperFeedForward feedForward) in _layers)
        {
            attention.Dispose();
            feedForward.Dispose();
        }
    }

    private Tensor Convolve(Tensor mel, ReadOnlySpan<int> starts, int[] clips)
    {
        int width = _config.HiddenSize;
        using Tensor convolved = _backend.Allocate(mel.Rows, width);
        using (Tensor columns = _backend.Allocate(mel.Rows, ConvolutionColumns.KernelLength * mel.Columns))
        {
            using (HostTensor gathered = _backend.WriteOnHost(columns))
            {
                ConvolutionColumns.Gather(mel, starts, 1, gathered.Tensor);
            }

            _first.Forward(columns, convolved);
            _backend.Gelu(convolved, convolved);
        }

        Tensor x = _backend.Allocate(clips[^1], width);
        using (Tensor columns = _backend.Allocate(x.Rows, ConvolutionColumns.KernelLength * width))
        {
            using (HostTensor source = _backend.ReadOnHost(convolved), gathered = _backend.WriteOnHost(columns))
            {
                ConvolutionColumns.Gather(source.Tensor, starts, 2, gathered.Tensor);
            }

            _second.Forward(columns, x);
            _backend.Gelu(x, x);
        }

        for (int s = 0; s + 1 < clips.Length; s++)
        {
            int length = clips[s + 1] - clips[s];
            _backend.Add(_positions.Slice(0, length), x.Slice(clips[s], length));
        }

        return x;
    }
}
