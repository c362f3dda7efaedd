namespace Inference.Tensors.Cpu;

/// <summary>What the weight formats share.</summary>
internal static unsafe class WeightPrefetch
{
    /// <summary>How far ahead of its use a weight is asked for.</summary>
    public const int Bytes = 1024;

    /// <summary>Sixteen numbers, set to zero.</summary>
    public static Span<ushort> Cleared(ushort* buffer)
    {
        Span<ushort> span = new(buffer, 16);
        span.Clear();
        return span;
    }
}
