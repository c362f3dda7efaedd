using Inference.Models;
using Inference.Models.Layers;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>
/// One block, x + attention(norm(x)), then + feed-forward(norm(.)), with the activations that its backward pass needs.
/// </summary>
internal sealed class LlamaTrainingBlock : IDisposable
{
    private readonly RmsNorm _inputNorm, _middleNorm;
    private readonly Linear _query, _key, _value, _output;
    private readonly CausalAttention _attention;
    private readonly FeedForward _feedForward;
    private readonly Func<string, Tensor> _gradient;
    private readonly Tensor _normed, _q, _k, _v, _attended, _logSumExp, _middle, _middleNormed, _gated, _raised, _hidden;

    public LlamaTrainingBlock(ModelConfig config, int layer, ParameterSet parameters, ParameterSet gradients, RotaryEmbedding rotary, int rows)
    {
        Tensor Weight(string part) => parameters[LlamaParameters.Block(layer, part)];
        _gradient = part => gradients[LlamaParameters.Block(layer, part)];
        _inputNorm = new RmsNorm(Weight("input_layernorm"), config.RmsNormEpsilon);
        _query = new Linear(Weight("self_attn.q_proj"));
        _key = new Linear(Weight("self_attn.k_proj"));
        _value = new Linear(Weight("self_attn.v_proj"));
        _output = new Linear(Weight("self_attn.o_proj"));
        _attention = new CausalAttention(rotary, config.HeadDimension);
        _middleNorm = new RmsNorm(Weight("post_attention_layernorm"), config.RmsNormEpsilon);
        _feedForward = new FeedForward(new Linear(Weight("mlp.gate_proj")), new Linear(Weight("mlp.up_proj")), new Linear(Weight("mlp.down_proj")));
        int queries = config.HeadCount * config.HeadDimension, keys = config.KvHeadCount * config.HeadDimension;
        _normed = Tensor.Allocate(rows, config.HiddenSize);
        _q = Tensor.Allocate(rows, queries);
        _k = Tensor.Allocate(rows, keys);
        _v = Tensor.Allocate(rows, keys);
        _attended = Tensor.Allocate(rows, queries);
        _logSumExp = Tensor.Allocate(rows, config.HeadCount);
        _middle = Tensor.Allocate(rows, config.HiddenSize);
        _middleNormed = Tensor.Allocate(rows, config.HiddenSize);
        _gated = Tensor.Allocate(rows, config.IntermediateSize);
        _raised = Tensor.Allocate(rows, config.IntermediateSize);
        _hidden = Tensor.Allocate(rows, config.IntermediateSize);
    }

    /// <summary>x, y [T, hidden].</summary>
    public void Forward(IBackend backend, PackedBatch batch, Tensor x, Tensor y)
    {
        int rows = x.Rows;
        Tensor normed = _normed.Slice(0, rows), q = _q.Slice(0, rows), k = _k.Slice(0, rows), v = _v.Slice(0, rows);
        Tensor attended = _attended.Slice(0, rows), middle = _middle.Slice(0, rows), middleNormed = _middleNormed.Slice(0, rows);
        _inputNorm.Forward(backend, x, normed);
        _query.Forward(backend, normed, q);
        _key.Forward(backend, normed, k);
        _value.Forward(backend, normed, v);
        _attention.Forward(backend, q, k, v, batch.Positions, batch.Starts, attended, _logSumExp.Slice(0, rows));
        _output.Forward(backend, attended, middle);
        backend.Add(x, middle);
        _middleNorm.Forward(backend, middle, middleNormed);
        _feedForward.Forward(backend, middleNormed, _gated.Slice(0, rows), _raised.Slice(0, rows), _hidden.Slice(0, rows), y);
        backend.Add(middle, y);
    }

    /// <summary>dx [T, hidden] comes as the gradient of y and leaves as the gradient of x.</summary>
    public void Backward(IBackend backend, PackedBatch batch, Tensor x, Tensor dx, BlockScratch scratch)
    {
        int rows = x.Rows;
        Tensor dnorm = BlockScratch.Cleared(scratch.Dnorm, rows);
        _feedForward.Backward(
            backend, _middleNormed.Slice(0, rows), _gated.Slice(0, rows), _raised.Slice(0, rows), _hidden.Slice(0, rows), dx,
            BlockScratch.Cleared(scratch.Dhidden, rows), BlockScratch.Cleared(scratch.Dgated, rows), BlockScratch.Cleared(scratch.Draised, rows),
            dnorm, _gradient("mlp.gate_proj"), _gradient("mlp.up_proj"), _gradient("mlp.down_proj"));
        _middleNorm.Backward(backend, _middle.Slice(0, rows), dnorm, dx, _gradient("post_attention_layernorm"));

        Tensor q = _q.Slice(0, rows), k = _k.Slice(0, rows), v = _v.Slice(0, rows), attended = _attended.Slice(0, rows);
        Tensor dattended = BlockScratch.Cleared(scratch.Dattended, rows);
        Tensor dq = BlockScratch.Cleared(scratch.Dq, rows), dk = BlockScratch.Cleared(scratch.Dk, rows), dv = BlockScratch.Cleared(scratch.Dv, rows);
        _output.Backward(backend, attended, dx, dattended, _gradient("self_attn.o_proj"));
        _attention.Backward(
            backend, q, k, v, attended, _logSumExp.Slice(0, rows), dattended, batch.Positions, batch.Starts, dq, dk, dv);

        Tensor normed = _normed.Slice(0, rows);
        dnorm.Clear();
        _query.Backward(backend, normed, dq, dnorm, _gradient("self_attn.q_proj"));
        _key.Backward(backend, normed, dk, dnorm, _gradient("self_attn.k_proj"));
        _value.Backward(backend, normed, dv, dnorm, _gradient("self_attn.v_proj"));
        _inputNorm.Backward(backend, x, dnorm, dx, _gradient("input_layernorm"));
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[
            _normed, _q, _k, _v, _attended, _logSumExp, _middle, _middleNormed, _gated, _raised, _hidden])
        {
            tensor.Dispose();
        }
    }
}
