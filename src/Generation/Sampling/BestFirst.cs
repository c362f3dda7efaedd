using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Inference.Generation.Sampling;

/// <summary>Selects the largest of many values without sorting them all. Among equals the lower index is better.</summary>
internal static class BestFirst
{
    /// <summary>Writes the indices of the best values, best first; as many as <paramref name="indices"/> holds, at most values.Length.</summary>
    public static void Select(ReadOnlySpan<float> values, Span<int> indices)
    {
        // One integer orders by value, then by index. A heap of the best so far has its least in front.
        ulong[] heap = new ulong[indices.Length];
        for (int i = 0; i < heap.Length; i++)
            heap[i] = Key(values[i], i);
        Array.Sort(heap);
        if (heap.Length > 0)
            Scan(values, heap);
        Array.Sort(heap);
        for (int i = 0; i < heap.Length; i++)
            indices[i] = (int)~(uint)heap[^(i + 1)];
    }

    /// <summary>An integer in the order of the floats.</summary>
    public static int Ordered(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value + 0f);
        return bits >= 0 ? bits : bits ^ int.MaxValue;
    }

    /// <summary>The float of an <see cref="Ordered"/> integer.</summary>
    public static float Float(int ordered) => BitConverter.Int32BitsToSingle(ordered >= 0 ? ordered : ordered ^ int.MaxValue);

    private static void Scan(ReadOnlySpan<float> values, ulong[] heap)
    {
        float least = values[(int)~(uint)heap[0]];
        int i = heap.Length;
        while (i < values.Length)
        {
            if (i + 8 <= values.Length && !Vector256.GreaterThanAny(Read(values, i), Vector256.Create(least)))
            {
                i += 8;
                continue;
            }

            for (int end = Math.Min(i + 8, values.Length); i < end; i++)
            {
                if (!(values[i] > least))
                    continue;
                heap[0] = Key(values[i], i);
                SiftDown(heap);
                least = values[(int)~(uint)heap[0]];
            }
        }
    }

    private static Vector256<float> Read(ReadOnlySpan<float> values, int i) => MemoryMarshal.Read<Vector256<float>>(MemoryMarshal.AsBytes(values.Slice(i, 8)));

    private static void SiftDown(ulong[] heap)
    {
        ulong moved = heap[0];
        int i = 0;
        while (true)
        {
            int child = (2 * i) + 1;
            if (child >= heap.Length)
                break;
            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= moved)
                break;
            heap[i] = heap[child];
            i = child;
        }

        heap[i] = moved;
    }

    /// <summary>Grows with the value, then falls with the index. Both zeros are equal.</summary>
    private static ulong Key(float value, int index) => ((ulong)((uint)Ordered(value) ^ 0x8000_0000) << 32) | ~(uint)index;
}
