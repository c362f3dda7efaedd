namespace Inference.Tensors.Cpu;

/// <summary>Byte offsets of the cached rows of a sequence's positions.</summary>
internal static unsafe class KvOffsets
{
    /// <summary>How many positions ahead of their use rows are asked for; so many offsets follow the last one.</summary>
    public const int Ahead = 16;

    /// <summary>Fills offsets[0 .. positions + Ahead) for the positions from <paramref name="first"/> on.</summary>
    public static void Fill(ReadOnlySpan<int> blocks, int blockLength, nint rowBytes, int first, int positions, nint* offsets)
    {
        for (int i = 0; i < positions; i++)
        {
            int block = Math.DivRem(first + i, blockLength, out int offset);
            offsets[i] = (((nint)blocks[block] * blockLength) + offset) * rowBytes;
        }

        new Span<nint>(offsets + positions, Ahead).Fill(offsets[positions - 1]);
    }
}
