using System.Runtime.CompilerServices;

namespace Inference.Tensors.Cpu;

/// <summary>Addresses of one sequence's cached keys and values of a layer.</summary>
internal readonly unsafe struct KvPages(byte* keys, byte* values, int* blocks, int blockLength, nint rowBytes)
{
    public readonly byte* Keys = keys;
    public readonly byte* Values = values;
    public readonly int BlockLength = blockLength;
    public readonly nint RowBytes = rowBytes;

    private readonly int* _blocks = blocks;

    /// <summary>Byte offset of a position's row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Row(int position)
    {
        (int block, int offset) = Math.DivRem(position, BlockLength);
        return (((nint)_blocks[block] * BlockLength) + offset) * RowBytes;
    }
}
