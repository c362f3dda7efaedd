namespace Inference.Tensors.Cpu.Emit;

/// <summary>Addresses of the functions that <see cref="LowRankPairEmitter"/> emits.</summary>
/// <param name="Round">void (float* x, ushort* y, nint blocksOf32).</param>
/// <param name="Down">void (ushort* a, nint rowBytes, ushort* x, nint blocksOf64, float* sums), by rows of x - 1.</param>
/// <param name="UpOnce">void (ushort* b, float* y, ushort* narrow, nint panels), by pairs of ranks - 1, for one row.</param>
/// <param name="Up">The same for one of several rows.</param>
internal sealed record LowRankPairKernels(nint Round, nint[] Down, nint[] UpOnce, nint[] Up);
