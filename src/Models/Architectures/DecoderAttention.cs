using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>The attention of a block: projections, norms of queries and keys, rotation, attention over the paged cache, projection.</summary>
internal sealed class DecoderAttention : IDisposable
{
    private readonly int _layer;
    private readonly AttentionOptions _options;
    private readonly QueryKeyNorm _normKind;
    private readonly RmsNorm? _queryNorm;
    private readonly RmsNorm? _keyNorm;
    private readonly AdaptableProjection _queryKeyValue;
    private readonly AdaptableProjection _output;

    /// <summary>Takes the tensors of a layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderAttention(ModelWeights weights, IBackend backend, AdaptableLayers adaptable, DecoderDesign design, int layer)
    {
        ModelConfig c = weights.Config;
        string prefix = $"{DecoderTensors.Layer(layer)}.self_attn";
        int d = c.HiddenSize, q = c.HeadCount * c.HeadDimension, kv = c.KvHeadCount * c.HeadDimension;
        _layer = layer;
        _options = new AttentionOptions(
            c.AttentionScale ?? (1 / MathF.Sqrt(c.HeadDimension)), c.Slides(layer) ? c.SlidingWindow!.Value : 0, c.AttentionSoftCap ?? 0);
        _normKind = design.QueryKeyNorm;
        if (_normKind != QueryKeyNorm.None)
        {
            bool perHead = _normKind == QueryKeyNorm.PerHead;
            _queryNorm = weights.Norm($"{prefix}.q_norm.weight", perHead ? c.HeadDimension : q);
            _keyNorm = weights.Norm($"{prefix}.k_norm.weight", perHead ? c.HeadDimension : kv);
        }

        (string Module, Linear Layer) Layer(string name, int outputs, int inputs, bool bias) =>
            ($"{prefix}.{name}", weights.Linear($"{prefix}.{name}", outputs, inputs, bias));
        _queryKeyValue = design.FusedProjections
            ? new AdaptableProjection(
                backend, adaptable, $"{prefix}.qkv_proj", weights.FusedLinear($"{prefix}.qkv_proj", d, design.QueryKeyValueBias, q, kv, kv))
            : new AdaptableProjection(
                backend, adaptable, Layer("q_proj", q, d, design.QueryKeyValueBias), Layer("k_proj", kv, d, design.QueryKeyValueBias),
                Layer("v_proj", kv, d, design.QueryKeyValueBias));
        _output = new AdaptableProjection(backend, adaptable, Layer("o_proj", d, q, design.OutputBias && weights.Contains($"{prefix}.o_proj.bias")));
    }

    /// <summary>input [T, hidden] to <see cref="DecoderScratch.Change"/>; writes the layer's keys and values.</summary>
    public void Forward(IBackend backend, Tensor input, DecoderPositions positions, ForwardBatch batch, KvCache cache, DecoderScratch s)
    {
        _queryKeyValue.Forward(batch.Adapters, input, s.Query, s.Key, s.Value);
        Normalize(backend, _queryNorm, s.Query);
        Normalize(backend, _keyNorm, s.Key);
        if (positions.Rotary(_layer) is RotaryEmbedding rotary)
        {
            rotary.Forward(backend, s.Query, batch.Positions);
            rotary.Forward(backend, s.Key, batch.Positions);
        }

        backend.WriteKv(s.Key, s.Value, cache, _layer, batch.Slots);
        backend.PagedAttention(s.Query, cache, _layer, batch.Slices, _options, s.Attended);
        _output.Forward(batch.Adapters, s.Attended, s.Change);
    }

    public void Dispose()
    {
        _queryKeyValue.Dispose();
        _output.Dispose();
    }

    private void Normalize(IBackend backend, RmsNorm? norm, Tensor x)
    {
        if (norm is not null)
        {
            Tensor rows = _normKind == QueryKeyNorm.PerHead ? x.Reshape(x.Rows * (x.Columns / norm.Weight.Columns), norm.Weight.Columns) : x;
            norm.Forward(backend, rows, rows);
        }
    }
}
