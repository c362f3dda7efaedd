namespace Inference.Tensors.Cpu.Emit;

/// <summary>Addresses of the functions that <see cref="LowRankByteEmitter"/> emits.</summary>
/// <param name="Down">void (byte* a, byte* x, float* sums, nint blocks, byte* next), by rows of x - 1.</param>
/// <param name="DownOnce">The same for one row, past the caches.</param>
/// <param name="Up">void (byte* b, float* y, byte* narrow, nint panels, byte* next, float* scales), by quads of ranks - 1.</param>
/// <param name="UpOnce">The same past the caches.</param>
internal sealed record LowRankByteKernels(nint[] Down, nint DownOnce, nint[] Up, nint[] UpOnce);
