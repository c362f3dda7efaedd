namespace Inference.Tensors.Cpu;

/// <summary>Byte offsets of the cached rows of a sequence's positions.</summary>
internal static unsafe class KvOffsets
{
    /// <summary>How many positions ahead of their use rows are asked for; so many offsets follow the last one.</summary>
    public const int Ahead = 16;

    /// <summary>Fills offsets[0 .. positions + Ahead).</summary>
    public static void Fill(ReadOnlySpan<int> blocks, int blockLength, nint rowBytes, int positions, nint* offsets)
    {
        for (int position = 0, block = 0; position < positions; block++)
        {
            nint offset = (nint)blocks[block] * blockLength * rowBytes;
            int last = Math.Min(positions, position + blockLength);
            for (; position < last; position++, offset += rowBytes)
            {
                offsets[position] = offset;
            }
        }

        new Span<nint>(offsets + positions, Ahead).Fill(offsets[positions - 1]);
    }
}
