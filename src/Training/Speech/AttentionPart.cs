using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>
/// x + out(attention(q(norm(x)), k(source), v(source))), the source being norm(x) itself or the encoder's output, with the
/// activations that its backward pass needs.
/// </summary>
internal sealed class AttentionPart : IDisposable
{
    private readonly LayerNorm _norm;
    private readonly Linear _query, _key, _value, _output;
    private readonly Func<string, Tensor> _gradient;
    private readonly int _headDimension;
    private readonly float _scale;
    private readonly bool _causal;
    private readonly Tensor _normed, _q, _k, _v, _attended, _logSumExp;
    private readonly Tensor _dq, _dk, _dv, _dattended, _dnormed;

    /// <param name="parameters">The model's.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="attention">Prefix of the attention's names; its norm's are "_layer_norm" longer.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="causal">A row attends to the rows up to its own; else to all of the source.</param>
    /// <param name="rows">Most rows of x.</param>
    /// <param name="sourceRows">Most rows of the source.</param>
    public AttentionPart(ParameterSet parameters, ParameterSet gradients, string attention, int heads, bool causal, int rows, int sourceRows)
    {
        _gradient = part => gradients[attention + part];
        _norm = new LayerNorm(parameters[attention + "_layer_norm.weight"], parameters[attention + "_layer_norm.bias"]);
        _query = new Linear(parameters[attention + ".q_proj.weight"], parameters[attention + ".q_proj.bias"]);
        _key = new Linear(parameters[attention + ".k_proj.weight"]);
        _value = new Linear(parameters[attention + ".v_proj.weight"], parameters[attention + ".v_proj.bias"]);
        _output = new Linear(parameters[attention + ".out_proj.weight"], parameters[attention + ".out_proj.bias"]);
        int width = _query.Weight.Rows;
        _headDimension = width / heads;
        _scale = 1 / MathF.Sqrt(_headDimension);
        _causal = causal;
        (_normed, _q, _attended) = (Tensor.Allocate(rows, width), Tensor.Allocate(rows, width), Tensor.Allocate(rows, width));
        (_dq, _dattended, _dnormed) = (Tensor.Allocate(rows, width), Tensor.Allocate(rows, width), Tensor.Allocate(rows, width));
        (_k, _v) = (Tensor.Allocate(sourceRows, width), Tensor.Allocate(sourceRows, width));
        (_dk, _dv) = (Tensor.Allocate(sourceRows, width), Tensor.Allocate(sourceRows, width));
        _logSumExp = Tensor.Allocate(rows, heads);
    }

    /// <summary>y = x + the attention's answer. x, y [T, d]; source [U, d], or null for self-attention.</summary>
    public void Forward(IBackend backend, Tensor x, ReadOnlySpan<int> starts, Tensor? source, ReadOnlySpan<int> sourceStarts, Tensor y)
    {
        Views at = new(this, x.Rows, source?.Rows ?? x.Rows);
        _norm.Forward(backend, x, at.Normed);
        source ??= at.Normed;
        _query.Forward(backend, at.Normed, at.Q);
        _key.Forward(backend, source, at.K);
        _value.Forward(backend, source, at.V);
        if (_causal)
        {
            backend.CausalAttention(at.Q, at.K, at.V, starts, _headDimension, _scale, at.Attended, at.LogSumExp);
        }
        else
        {
            backend.FullAttention(at.Q, at.K, at.V, starts, sourceStarts, _headDimension, _scale, at.Attended, at.LogSumExp);
        }

        _output.Forward(backend, at.Attended, y);
        backend.Add(x, y);
    }

    /// <summary>dx, the gradient of y, becomes that of x; dsource += that of the source, unless it is x itself.</summary>
    public void Backward(
        IBackend backend, Tensor x, ReadOnlySpan<int> starts, Tensor? source, ReadOnlySpan<int> sourceStarts, Tensor dx, Tensor? dsource)
    {
        Views at = new(this, x.Rows, source?.Rows ?? x.Rows);
        Tensor dq = BlockScratch.Cleared(backend, _dq, x.Rows), dattended = BlockScratch.Cleared(backend, _dattended, x.Rows), dnormed = BlockScratch.Cleared(backend, _dnormed, x.Rows);
        Tensor dk = BlockScratch.Cleared(backend, _dk, at.K.Rows), dv = BlockScratch.Cleared(backend, _dv, at.K.Rows);
        _output.Backward(backend, at.Attended, dx, dattended, _gradient(".out_proj.weight"), _gradient(".out_proj.bias"));
        if (_causal)
        {
            backend.CausalAttentionBackward(at.Q, at.K, at.V, at.Attended, at.LogSumExp, dattended, starts, _headDimension, _scale, dq, dk, dv);
        }
        else
        {
            backend.FullAttentionBackward(
                at.Q, at.K, at.V, at.Attended, at.LogSumExp, dattended, starts, sourceStarts, _headDimension, _scale, dq, dk, dv);
        }

        _query.Backward(backend, at.Normed, dq, dnormed, _gradient(".q_proj.weight"), _gradient(".q_proj.bias"));
        _key.Backward(backend, source ?? at.Normed, dk, dsource ?? dnormed, _gradient(".k_proj.weight"));
        _value.Backward(backend, source ?? at.Normed, dv, dsource ?? dnormed, _gradient(".v_proj.weight"), _gradient(".v_proj.bias"));
        _norm.Backward(backend, x, dnormed, dx, _gradient("_layer_norm.weight"), _gradient("_layer_norm.bias"));
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[_normed, _q, _k, _v, _attended, _logSumExp, _dq, _dk, _dv, _dattended, _dnormed])
        {
            tensor.Dispose();
        }
    }

    /// <summary>The first rows of the activations.</summary>
    private readonly struct Views(AttentionPart part, int rows, int sourceRows)
    {
        public readonly Tensor Normed = part._normed.Slice(0, rows), Q = part._q.Slice(0, rows), Attended = part._attended.Slice(0, rows);
        public readonly Tensor LogSumExp = part._logSumExp.Slice(0, rows);
        public readonly Tensor K = part._k.Slice(0, sourceRows), V = part._v.Slice(0, sourceRows);
    }
}
