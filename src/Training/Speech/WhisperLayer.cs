using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>A layer of the encoder or of the decoder: self-attention, in the decoder attention to the encoder's output, feed-forward.</summary>
internal sealed class WhisperLayer : IDisposable
{
    private readonly AttentionPart _self;
    private readonly AttentionPart? _cross;
    private readonly FeedForwardPart _feedForward;
    private readonly Tensor _attended, _crossed;

    private WhisperLayer(ParameterSet parameters, ParameterSet gradients, string name, int heads, int rows, int? sourceRows)
    {
        _self = new AttentionPart(parameters, gradients, name + "self_attn", heads, causal: sourceRows is not null, rows, rows);
        _cross = sourceRows is int count ? new AttentionPart(parameters, gradients, name + "encoder_attn", heads, causal: false, rows, count) : null;
        _feedForward = new FeedForwardPart(parameters, gradients, name, rows);
        int width = parameters[name + "final_layer_norm.bias"].Columns;
        (_attended, _crossed) = (Tensor.Allocate(rows, width), Tensor.Allocate(_cross is null ? 0 : rows, width));
    }

    public static WhisperLayer OfEncoder(WhisperConfig config, int layer, ParameterSet parameters, ParameterSet gradients, int rows) =>
        new(parameters, gradients, $"model.encoder.layers.{layer}.", config.EncoderHeads, rows, null);

    public static WhisperLayer OfDecoder(WhisperConfig config, int layer, ParameterSet parameters, ParameterSet gradients, int rows, int sourceRows) =>
        new(parameters, gradients, $"model.decoder.layers.{layer}.", config.DecoderHeads, rows, sourceRows);

    public void Forward(IBackend backend, Tensor x, ReadOnlySpan<int> starts, Tensor? source, ReadOnlySpan<int> sourceStarts, Tensor y)
    {
        Tensor attended = _attended.Slice(0, x.Rows);
        _self.Forward(backend, x, starts, null, starts, attended);
        if (_cross is not null)
        {
            Tensor crossed = _crossed.Slice(0, x.Rows);
            _cross.Forward(backend, attended, starts, source, sourceStarts, crossed);
            attended = crossed;
        }

        _feedForward.Forward(backend, attended, y);
    }

    /// <summary>dx, the gradient of y, becomes that of x; dsource += that of the source.</summary>
    public void Backward(
        IBackend backend, Tensor x, ReadOnlySpan<int> starts, Tensor? source, ReadOnlySpan<int> sourceStarts, Tensor dx, Tensor? dsource)
    {
        Tensor attended = _attended.Slice(0, x.Rows);
        _feedForward.Backward(backend, _cross is null ? attended : _crossed.Slice(0, x.Rows), dx);
        _cross?.Backward(backend, attended, starts, source, sourceStarts, dx, dsource);
        _self.Backward(backend, x, starts, null, starts, dx, null);
    }

    public void Dispose()
    {
        _self.Dispose();
        _cross?.Dispose();
        _feedForward.Dispose();
        _attended.Dispose();
        _crossed.Dispose();
    }
}
