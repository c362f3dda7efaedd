using Inference.Models;
using Inference.Models.Layers;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>
/// One worker's forward and backward pass of the Llama architecture with all parameters trained: shared parameters, its own activations
/// and gradients.
/// </summary>
public sealed class LlamaReplica : IDisposable
{
    private readonly TrainingPass _pass;

    /// <param name="config">Shape of the model.</param>
    /// <param name="parameters">The parameters, as <see cref="LlamaParameters.Create"/> names them; read only.</param>
    /// <param name="backend">A backend of this replica's own.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="headChunkRows">Most rows of logits at a time.</param>
    public LlamaReplica(ModelConfig config, ParameterSet parameters, IBackend backend, int rows, int headChunkRows)
    {
        Gradients = parameters.ZerosLike();
        DecoderLayers layers = new(
            config, RotaryStyle.HalfSplit, new Embedding(parameters[LlamaParameters.Embedding]), Gradients[LlamaParameters.Embedding],
            [.. Enumerable.Range(0, config.LayerCount).Select(Block)], Norm(LlamaParameters.FinalNorm), Linear(LlamaParameters.Embedding));
        _pass = new TrainingPass(layers, backend, rows, headChunkRows, checkpointing: false);

        TrainableLinear Linear(string name) => new(new Linear(parameters[name]), Gradients[name]);
        TrainableNorm Norm(string name) => new(new RmsNorm(parameters[name], config.RmsNormEpsilon), Gradients[name]);
        BlockLayers Block(int layer)
        {
            string Name(string part) => LlamaParameters.Block(layer, part);
            return new BlockLayers
            {
                InputNorm = Norm(Name("input_layernorm")),
                Query = Linear(Name("self_attn.q_proj")),
                Key = Linear(Name("self_attn.k_proj")),
                Value = Linear(Name("self_attn.v_proj")),
                Output = Linear(Name("self_attn.o_proj")),
                MiddleNorm = Norm(Name("post_attention_layernorm")),
                Gate = Linear(Name("mlp.gate_proj")),
                Up = Linear(Name("mlp.up_proj")),
                Down = Linear(Name("mlp.down_proj")),
            };
        }
    }

    /// <summary>Sums of the gradients since they were last cleared.</summary>
    public ParameterSet Gradients { get; }

    /// <summary>
    /// Adds the gradients of scale * (sum of the weighted losses) and returns the unscaled sum.
    /// <paramref name="scale"/> is 1 / (sum of the weights in the entire step).
    /// </summary>
    public double ForwardBackward(PackedBatch batch, float scale)
    {
        _pass.Forward(batch);
        return _pass.Backward(batch, scale).Loss;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pass.Dispose();
        Gradients.Dispose();
    }
}
