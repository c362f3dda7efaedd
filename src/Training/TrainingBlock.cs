using Inference.Models;
using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>One block, x + attention(norm(x)), then + feed-forward(norm(.)), with the activations that its backward pass needs.</summary>
internal sealed class TrainingBlock
{
    private readonly BlockLayers _layers;
    private readonly CausalAttention _attention;
    private readonly Tensor _normed, _queryProduct, _keyProduct, _q, _k, _v, _attended, _logSumExp, _middle, _middleNormed, _gated, _raised, _hidden;
    private readonly LoraActivations? _queryAdapter, _keyAdapter, _valueAdapter, _outputAdapter, _gateAdapter, _upAdapter, _downAdapter;

    public TrainingBlock(ModelConfig config, BlockLayers layers, RotaryEmbedding rotary, ActivationPool pool)
    {
        _layers = layers;
        _attention = new CausalAttention(layers.Rotates ? rotary : null, config.HeadDimension);
        int queries = config.HeadCount * config.HeadDimension, keys = config.KvHeadCount * config.HeadDimension;
        _normed = pool.Tensor("normed", config.HiddenSize);
        _q = pool.Tensor("q", queries);
        _k = pool.Tensor("k", keys);
        _v = pool.Tensor("v", keys);
        _queryProduct = layers.QueryNorm is null ? _q : pool.Tensor("query product", queries);
        _keyProduct = layers.KeyNorm is null ? _k : pool.Tensor("key product", keys);
        _attended = pool.Tensor("attended", queries);
        _logSumExp = pool.Tensor("log-sum-exp", config.HeadCount);
        _middle = pool.Tensor("middle", config.HiddenSize);
        _middleNormed = pool.Tensor("middle normed", config.HiddenSize);
        _gated = pool.Tensor("gated", config.IntermediateSize);
        _raised = pool.Tensor("raised", config.IntermediateSize);
        _hidden = pool.Tensor("hidden", config.IntermediateSize);
        _queryAdapter = pool.Adapter("query", layers.Query);
        _keyAdapter = pool.Adapter("key", layers.Key);
        _valueAdapter = pool.Adapter("value", layers.Value);
        _outputAdapter = pool.Adapter("output", layers.Output);
        _gateAdapter = pool.Adapter("gate", layers.Gate);
        _upAdapter = pool.Adapter("up", layers.Up);
        _downAdapter = pool.Adapter("down", layers.Down);
    }

    /// <summary>x, y [T, hidden].</summary>
    public void Forward(IBackend backend, PackedBatch batch, Tensor x, ulong? dropoutSeed, Tensor y)
    {
        int rows = x.Rows;
        Tensor normed = _normed.Slice(0, rows), q = _q.Slice(0, rows), k = _k.Slice(0, rows), v = _v.Slice(0, rows);
        Tensor attended = _attended.Slice(0, rows), middle = _middle.Slice(0, rows), middleNormed = _middleNormed.Slice(0, rows);
        _layers.InputNorm.Forward(backend, x, normed);
        _layers.Query.Forward(backend, normed, _queryAdapter, dropoutSeed, _queryProduct.Slice(0, rows));
        _layers.Key.Forward(backend, normed, _keyAdapter, dropoutSeed, _keyProduct.Slice(0, rows));
        _layers.Value.Forward(backend, normed, _valueAdapter, dropoutSeed, v);
        _layers.QueryNorm?.Forward(backend, _queryProduct.Slice(0, rows), q);
        _layers.KeyNorm?.Forward(backend, _keyProduct.Slice(0, rows), k);
        _attention.Forward(backend, q, k, v, batch.Positions, batch.Starts, attended, _logSumExp.Slice(0, rows));
        _layers.Output.Forward(backend, attended, _outputAdapter, dropoutSeed, middle);
        backend.Add(x, middle);

        Tensor gated = _gated.Slice(0, rows), raised = _raised.Slice(0, rows), hidden = _hidden.Slice(0, rows);
        _layers.MiddleNorm.Forward(backend, middle, middleNormed);
        _layers.Gate.Forward(backend, middleNormed, _gateAdapter, dropoutSeed, gated);
        _layers.Up.Forward(backend, middleNormed, _upAdapter, dropoutSeed, raised);
        backend.SwiGlu(gated, raised, hidden);
        _layers.Down.Forward(backend, hidden, _downAdapter, dropoutSeed, y);
        backend.Add(middle, y);
    }

    /// <summary>dx [T, hidden] comes as the gradient of y and leaves as the gradient of x.</summary>
    public void Backward(IBackend backend, PackedBatch batch, Tensor x, Tensor dx, BlockScratch scratch)
    {
        FeedForwardBackward(backend, dx, scratch);
        AttentionBackward(backend, batch, x, dx, scratch);
    }

    private void FeedForwardBackward(IBackend backend, Tensor dx, BlockScratch scratch)
    {
        int rows = dx.Rows;
        Tensor middleNormed = _middleNormed.Slice(0, rows), gated = _gated.Slice(0, rows), raised = _raised.Slice(0, rows);
        Tensor dhidden = BlockScratch.Cleared(backend, scratch.Dhidden, rows), dnorm = BlockScratch.Cleared(backend, scratch.Dnorm, rows);
        Tensor dgated = BlockScratch.Cleared(backend, scratch.Dgated, rows), draised = BlockScratch.Cleared(backend, scratch.Draised, rows);
        _layers.Down.Backward(backend, _hidden.Slice(0, rows), dx, _downAdapter, dhidden);
        backend.SwiGluBackward(gated, raised, dhidden, dgated, draised);
        _layers.Gate.Backward(backend, middleNormed, dgated, _gateAdapter, dnorm);
        _layers.Up.Backward(backend, middleNormed, draised, _upAdapter, dnorm);
        _layers.MiddleNorm.Backward(backend, _middle.Slice(0, rows), dnorm, dx);
    }

    private void AttentionBackward(IBackend backend, PackedBatch batch, Tensor x, Tensor dx, BlockScratch scratch)
    {
        int rows = x.Rows;
        Tensor q = _q.Slice(0, rows), k = _k.Slice(0, rows), v = _v.Slice(0, rows), attended = _attended.Slice(0, rows);
        Tensor dattended = BlockScratch.Cleared(backend, scratch.Dattended, rows);
        Tensor dq = BlockScratch.Cleared(backend, scratch.Dq, rows), dk = BlockScratch.Cleared(backend, scratch.Dk, rows), dv = BlockScratch.Cleared(backend, scratch.Dv, rows);
        _layers.Output.Backward(backend, attended, dx, _outputAdapter, dattended);
        _attention.Backward(
            backend, q, k, v, attended, _logSumExp.Slice(0, rows), dattended, batch.Positions, batch.Starts, dq, dk, dv);
        dq = NormBackward(backend, _layers.QueryNorm, _queryProduct.Slice(0, rows), dq, scratch.DqueryProduct);
        dk = NormBackward(backend, _layers.KeyNorm, _keyProduct.Slice(0, rows), dk, scratch.DkeyProduct);

        Tensor normed = _normed.Slice(0, rows), dnorm = BlockScratch.Cleared(backend, scratch.Dnorm, rows);
        _layers.Query.Backward(backend, normed, dq, _queryAdapter, dnorm);
        _layers.Key.Backward(backend, normed, dk, _keyAdapter, dnorm);
        _layers.Value.Backward(backend, normed, dv, _valueAdapter, dnorm);
        _layers.InputNorm.Backward(backend, x, dnorm, dx);
    }

    /// <summary>The gradient of the projection from that of its norm.</summary>
    private static Tensor NormBackward(IBackend backend, TrainableNorm? norm, Tensor product, Tensor dy, Tensor buffer)
    {
        if (norm is null)
        {
            return dy;
        }

        Tensor dproduct = BlockScratch.Cleared(backend, buffer, dy.Rows);
        norm.Backward(backend, product, dy, dproduct);
        return dproduct;
    }
}
