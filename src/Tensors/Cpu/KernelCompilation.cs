using System.Runtime.CompilerServices;

namespace Inference.Tensors.Cpu;

/// <summary>
/// How kernels are compiled. At run time and optimised from their first call on, since the ahead-of-time compiler refuses code over wide vectors
/// where the framework is not in the same image; `./inference publish` puts both into one, compiled for a processor, and kernels with them.
/// </summary>
internal static class KernelCompilation
{
    /// <summary>For what the ahead-of-time compiler refuses in any image: the larger of two floats.</summary>
    public const MethodImplOptions AtRunTime = MethodImplOptions.AggressiveOptimization;

#if PRECOMPILED_KERNELS
    /// <summary>For all others.</summary>
    public const MethodImplOptions Optimized = default;
#else
    /// <summary>For all others.</summary>
    public const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization;
#endif
}
