using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Inference.Tensors.Cpu;

/// <summary>Hints to the caches, and cleared buffers.</summary>
internal static unsafe class Memory
{
    /// <summary>Asks for a line of memory; any address will do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Asks for a line of memory for the second-level cache; any address will do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchFar(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }

    /// <summary>Sixteen numbers, set to zero.</summary>
    public static Span<ushort> Cleared(ushort* buffer)
    {
        Span<ushort> span = new(buffer, 16);
        span.Clear();
        return span;
    }
}
