namespace Inference.Tensors.Cpu;

/// <summary>The arguments of <see cref="IBackend.CausalAttentionBackward"/>.</summary>
internal readonly record struct AttentionGradients(
    Tensor Q, Tensor K, Tensor V, Tensor Y, Tensor LogSumExp, Tensor Dy, int[] Starts, int HeadDimension, float Scale,
    Tensor Dq, Tensor Dk, Tensor Dv);
