using System.Runtime.CompilerServices;

namespace Inference.Tensors.Cpu;

/// <summary>
/// How kernels are compiled. At run time and optimised from their first call on, since the ahead-of-time compiler refuses code over wide vectors
/// where the framework is not in the same image; `./inference publish` puts both into one, compiled for a processor, and kernels with them.
/// </summary>
internal static class KernelCompilation
{
#if PRECOMPILED_KERNELS
    public const MethodImplOptions Optimized = default;
#else
    public const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization;
#endif
}
