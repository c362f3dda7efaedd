using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training.Speech;

/// <summary>
/// Forward and backward pass of the Whisper architecture. The loss is the decoder's cross-entropy plus a share of
/// <see cref="ConnectionistLoss"/> over a projection of the encoder's output, which finds the alignment of text and sound early
/// (Watanabe et al., Hybrid CTC/Attention, 2017). Utterances have their own lengths; nothing is padded.
/// </summary>
public sealed class WhisperReplica : IDisposable
{
    private readonly IBackend _backend;
    private readonly ParameterSet _parameters;
    private readonly ConvolutionPart _first, _second;
    private readonly WhisperLayer[] _encoder, _decoder;
    private readonly LayerNorm _encoderNorm, _decoderNorm;
    private readonly Embedding _embedding;
    private readonly Linear _head, _alignment;
    private readonly Tensor[] _encoderInputs, _decoderInputs;
    private readonly Tensor _sinusoids, _convolved, _dconvolved, _encoded, _dencoded, _dx, _decoded, _ddecoded, _logits, _alignmentLogits;

    /// <param name="config">Shape of the model.</param>
    /// <param name="parameters">The parameters, as <see cref="WhisperParameters.Create"/> names them; read only.</param>
    /// <param name="backend">A backend of this replica's own.</param>
    /// <param name="frames">Most frames of a batch.</param>
    /// <param name="textRows">Most text tokens of a batch.</param>
    public WhisperReplica(WhisperConfig config, ParameterSet parameters, IBackend backend, int frames, int textRows)
    {
        _backend = backend;
        _parameters = parameters;
        Gradients = parameters.ZerosLike();
        int width = config.HiddenSize, rows = (frames + 1) / 2;
        Tensor Space(int count) => Tensor.Allocate(count, width);
        LayerNorm Norm(string name) => new(parameters[name + ".weight"], parameters[name + ".bias"]);
        _first = new ConvolutionPart(parameters, Gradients, "model.encoder.conv1", 1, frames);
        _second = new ConvolutionPart(parameters, Gradients, "model.encoder.conv2", 2, rows);
        _encoder = [.. Enumerable.Range(0, config.EncoderLayers).Select(i => WhisperLayer.OfEncoder(config, i, parameters, Gradients, rows))];
        _decoder = [.. Enumerable.Range(0, config.DecoderLayers).Select(i => WhisperLayer.OfDecoder(config, i, parameters, Gradients, textRows, rows))];
        (_encoderNorm, _decoderNorm) = (Norm("model.encoder.layer_norm"), Norm("model.decoder.layer_norm"));
        _embedding = new Embedding(parameters[WhisperParameters.Embedding]);
        _head = new Linear(parameters[WhisperParameters.Embedding]);
        _alignment = new Linear(parameters[WhisperParameters.Alignment]);
        _encoderInputs = [.. Enumerable.Range(0, config.EncoderLayers + 1).Select(_ => Space(rows))];
        _decoderInputs = [.. Enumerable.Range(0, config.DecoderLayers + 1).Select(_ => Space(textRows))];
        _sinusoids = Sinusoids.Create(config.AudioContext, width);
        (_convolved, _dconvolved) = (Space(frames), Space(frames));
        (_encoded, _dencoded, _dx) = (Space(rows), Space(rows), Space(Math.Max(rows, textRows)));
        (_decoded, _ddecoded) = (Space(textRows), Space(textRows));
        _logits = Tensor.Allocate(textRows, config.VocabularySize);
        _alignmentLogits = Tensor.Allocate(rows, _alignment.Weight.Rows);
    }

    /// <summary>Sums of the gradients since they were last cleared.</summary>
    public ParameterSet Gradients { get; }

    /// <summary>Adds the gradients of mean token loss + alignmentShare * mean label loss, and returns the two means.</summary>
    public (double Text, double Alignment) ForwardBackward(SpeechBatch batch, float alignmentShare)
    {
        int[] starts = ConvolutionColumns.StartsAfter(batch.MelStarts, 2);
        int rows = starts[^1], textRows = batch.Text.Tokens.Length;
        Tensor encoded = Encode(batch, starts);
        Tensor dencoded = BlockScratch.Cleared(_backend, _dencoded, rows);
        double alignment = alignmentShare > 0 ? AlignmentLoss(batch, starts, encoded, alignmentShare, dencoded) : 0;
        Decode(batch.Text, encoded, starts);

        double weight = batch.Text.Weights.Sum(w => (double)w);
        Tensor decoded = _decoded.Slice(0, textRows), logits = _logits.Slice(0, textRows), last = _decoderInputs[^1].Slice(0, textRows);
        _decoderNorm.Forward(_backend, last, decoded);
        _head.Forward(_backend, decoded, logits);
        double[] losses = new double[textRows];
        _backend.CrossEntropy(logits, batch.Text.Targets, batch.Text.Weights, (float)(1 / weight), losses);
        Tensor ddecoded = BlockScratch.Cleared(_backend, _ddecoded, textRows), dx = BlockScratch.Cleared(_backend, _dx, textRows);
        _head.Backward(_backend, decoded, logits, ddecoded, Gradients[WhisperParameters.Embedding]);
        _decoderNorm.Backward(_backend, last, ddecoded, dx, Gradients["model.decoder.layer_norm.weight"], Gradients["model.decoder.layer_norm.bias"]);
        for (int i = _decoder.Length - 1; i >= 0; i--)
        {
            _decoder[i].Backward(_backend, _decoderInputs[i].Slice(0, textRows), batch.Text.Starts, encoded, starts, dx, dencoded);
        }

        Embedding.Backward(_backend, batch.Text.Tokens, dx, Gradients[WhisperParameters.Embedding]);
        Embedding.Backward(_backend, batch.Text.Positions, dx, Gradients[WhisperParameters.Positions]);
        EncodeBackward(batch, starts, dencoded);
        return (losses.Sum() / weight, alignment);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tensor[] own = [_sinusoids, _convolved, _dconvolved, _encoded, _dencoded, _dx, _decoded, _ddecoded, _logits, _alignmentLogits];
        foreach (IDisposable part in (IDisposable[])[_first, _second, .. _encoder, .. _decoder, .. _encoderInputs, .. _decoderInputs, .. own])
        {
            part.Dispose();
        }

        Gradients.Dispose();
    }

    private Tensor Encode(SpeechBatch batch, int[] starts)
    {
        int rows = starts[^1];
        Tensor convolved = _convolved.Slice(0, batch.Mel.Rows), x = _encoderInputs[0].Slice(0, rows);
        _first.Forward(_backend, batch.Mel, batch.MelStarts, convolved);
        _second.Forward(_backend, convolved, batch.MelStarts, x);
        for (int s = 0; s + 1 < starts.Length; s++)
        {
            int length = starts[s + 1] - starts[s];
            _backend.Add(_sinusoids.Slice(0, length), x.Slice(starts[s], length));
        }

        for (int i = 0; i < _encoder.Length; i++)
        {
            _encoder[i].Forward(_backend, _encoderInputs[i].Slice(0, rows), starts, null, starts, _encoderInputs[i + 1].Slice(0, rows));
        }

        Tensor encoded = _encoded.Slice(0, rows);
        _encoderNorm.Forward(_backend, _encoderInputs[^1].Slice(0, rows), encoded);
        return encoded;
    }

    private void EncodeBackward(SpeechBatch batch, int[] starts, Tensor dencoded)
    {
        int rows = starts[^1];
        Tensor dx = BlockScratch.Cleared(_backend, _dx, rows);
        _encoderNorm.Backward(
            _backend, _encoderInputs[^1].Slice(0, rows), dencoded, dx, Gradients["model.encoder.layer_norm.weight"], Gradients["model.encoder.layer_norm.bias"]);
        for (int i = _encoder.Length - 1; i >= 0; i--)
        {
            _encoder[i].Backward(_backend, _encoderInputs[i].Slice(0, rows), starts, null, starts, dx, null);
        }

        Tensor dconvolved = BlockScratch.Cleared(_backend, _dconvolved, batch.Mel.Rows);
        _second.Backward(_backend, batch.MelStarts, dx, dconvolved);
        _first.Backward(_backend, batch.MelStarts, dconvolved, null);
    }

    private void Decode(PackedBatch text, Tensor encoded, int[] starts)
    {
        int rows = text.Tokens.Length;
        Tensor x = _decoderInputs[0].Slice(0, rows), positions = _decoded.Slice(0, rows);
        _embedding.Forward(_backend, text.Tokens, x);
        _backend.Embedding(_parameters[WhisperParameters.Positions], text.Positions, positions);
        _backend.Add(positions, x);
        for (int i = 0; i < _decoder.Length; i++)
        {
            _decoder[i].Forward(_backend, _decoderInputs[i].Slice(0, rows), text.Starts, encoded, starts, _decoderInputs[i + 1].Slice(0, rows));
        }
    }

    private double AlignmentLoss(SpeechBatch batch, int[] starts, Tensor encoded, float share, Tensor dencoded)
    {
        Tensor logits = _alignmentLogits.Slice(0, encoded.Rows);
        _alignment.Forward(_backend, encoded, logits);
        int labels = Math.Max(1, batch.Labels.Sum(l => l.Length));
        double loss = 0;
        for (int s = 0; s < batch.Labels.Length; s++)
        {
            Span<float> rows = logits.Slice(starts[s], starts[s + 1] - starts[s]).Span;
            loss += ConnectionistLoss.ForwardBackward(rows, logits.Columns, batch.Labels[s], share / labels) ?? 0;
        }

        _alignment.Backward(_backend, encoded, logits, dencoded, Gradients[WhisperParameters.Alignment]);
        return loss / labels;
    }
}
