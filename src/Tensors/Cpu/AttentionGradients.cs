namespace Inference.Tensors.Cpu;

/// <summary>The arguments of <see cref="IBackend.CausalAttentionBackward"/> and <see cref="IBackend.FullAttentionBackward"/>.</summary>
internal readonly record struct AttentionGradients(
    Tensor Q, Tensor K, Tensor V, Tensor Y, Tensor LogSumExp, Tensor Dy, PackedSequences Sequences, int HeadDimension, float Scale,
    Tensor Dq, Tensor Dk, Tensor Dv);
