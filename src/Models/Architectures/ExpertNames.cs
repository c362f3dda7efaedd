namespace Inference.Models.Architectures;

/// <summary>Names of a mixture's tensors in checkpoints of Hugging Face, after `model.layers.N.`.</summary>
/// <param name="Router">The router's matrix.</param>
/// <param name="Experts">What stands before an expert's number.</param>
/// <param name="Gate">The gate's matrix of an expert.</param>
/// <param name="Up">The up projection's matrix of an expert.</param>
/// <param name="Down">The down projection's matrix of an expert.</param>
internal sealed record ExpertNames(string Router, string Experts, string Gate, string Up, string Down)
{
    /// <summary>Qwen's names.</summary>
    public static ExpertNames Qwen { get; } = new("mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj");

    /// <summary>Mixtral's names.</summary>
    public static ExpertNames Mixtral { get; } = new("block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3", "w2");
}
