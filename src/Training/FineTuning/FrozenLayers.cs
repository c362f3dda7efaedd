using Inference.Models;
using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Training.FineTuning;

/// <summary>The layers of a base by name, as its architecture lists them.</summary>
internal sealed class FrozenLayers
{
    private readonly ModelWeights _weights;
    private readonly ModelConfig _config;
    private readonly Dictionary<string, int[]> _shapes;
    private readonly Embedding _embedding;
    private readonly Dictionary<string, Linear> _taken = [];

    public FrozenLayers(ModelWeights weights, IBackend backend)
    {
        weights.PlaceOn(backend);
        _weights = weights;
        _config = weights.Config;
        _shapes = weights.Architecture.Tensors(_config).ToDictionary(t => t.Name, t => t.Shape);
        _embedding = new Embedding(weights.Place(weights.Matrix(LlamaParameters.Embedding, _config.VocabularySize, _config.HiddenSize)));
    }

    /// <summary>The layer of a name without ".weight"; the output projection may be the embedding table.</summary>
    public Linear Linear(string name)
    {
        if (!_taken.TryGetValue(name, out Linear? layer))
        {
            _taken[name] = layer = Take(name);
        }

        return layer;
    }

    /// <summary>The whole decoder, each linear layer as <paramref name="linear"/> makes it.</summary>
    public DecoderLayers ToDecoder(Func<string, TrainableLinear> linear)
    {
        RotaryStyle style = _weights.Container == ModelContainer.Gguf ? _weights.Architecture.GgufRotary : RotaryStyle.HalfSplit;
        BlockLayers[] blocks = [.. Enumerable.Range(0, _config.LayerCount).Select(layer => Block(layer, linear))];
        return new DecoderLayers(_config, style, _embedding, null, blocks, Norm(LlamaParameters.FinalNorm), linear(LinearModule.Head));
    }

    private BlockLayers Block(int layer, Func<string, TrainableLinear> linear)
    {
        string prefix = $"model.layers.{layer}";
        string queryNorm = $"{prefix}.self_attn.q_norm.weight", keyNorm = $"{prefix}.self_attn.k_norm.weight";
        return new BlockLayers
        {
            InputNorm = Norm($"{prefix}.input_layernorm.weight"),
            Query = linear($"{prefix}.self_attn.q_proj"),
            Key = linear($"{prefix}.self_attn.k_proj"),
            Value = linear($"{prefix}.self_attn.v_proj"),
            QueryNorm = _shapes.ContainsKey(queryNorm) ? Norm(queryNorm) : null,
            KeyNorm = _shapes.ContainsKey(keyNorm) ? Norm(keyNorm) : null,
            Rotates = _config.Rotates(layer),
            Output = linear($"{prefix}.self_attn.o_proj"),
            MiddleNorm = Norm($"{prefix}.post_attention_layernorm.weight"),
            Gate = linear($"{prefix}.mlp.gate_proj"),
            Up = linear($"{prefix}.mlp.up_proj"),
            Down = linear($"{prefix}.mlp.down_proj"),
        };
    }

    private TrainableNorm Norm(string name) => new(_weights.Norm(name, _shapes[name][0]));

    private Linear Take(string name)
    {
        if (name == LinearModule.Head && _config.TieWordEmbeddings)
        {
            return new Linear(_embedding.Table);
        }

        int[] shape = _shapes[$"{name}.weight"];
        bool isBiased = _shapes.ContainsKey($"{name}.bias") && (!name.EndsWith(".o_proj", StringComparison.Ordinal) || _weights.Contains($"{name}.bias"));
        Linear stored = _weights.Linear(name, shape[0], shape[1], isBiased);
        return new Linear(_weights.Place(stored.Weight), stored.Bias);
    }
}
