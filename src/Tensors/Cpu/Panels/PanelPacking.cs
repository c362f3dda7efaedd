using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>Turns rows of floats into columns: 16 x 16 blocks of four bytes are transposed in registers.</summary>
internal static unsafe class PanelPacking
{
    /// <summary>Columns of a panel and of the activations that it is multiplied with.</summary>
    public static int PaddedColumns(int columns) => (columns + FloatTileEmitter.ColumnMultiple - 1) / FloatTileEmitter.ColumnMultiple * FloatTileEmitter.ColumnMultiple;

    /// <summary>Packs up to 32 rows into a zeroed panel.</summary>
    public static void Pack<F>(byte* source, long rowBytes, int rows, byte* panel, bool isKept)
        where F : struct, IPanelFloats
    {
        Vector512<int>* lines = stackalloc Vector512<int>[33];
        lines = (Vector512<int>*)(((nint)lines + 63) & ~63);
        for (long at = 0; at < rowBytes; at += 64)
        {
            long bytes = Math.Min(64, rowBytes - at);
            for (int first = 0; first < PanelFormat.Rows; first += 16)
            {
                Vector512<int>* block = lines + first;
                if (bytes == 64 && first + 16 <= rows)
                {
                    byte* row = source + (first * rowBytes) + at;
                    for (int r = 0; r < 16; r++)
                    {
                        block[r] = Vector512.Load((int*)(row + (r * rowBytes)));
                    }
                }
                else
                {
                    new Span<Vector512<int>>(block, 16).Clear();
                    for (int r = first; r < Math.Min(rows, first + 16); r++)
                    {
                        Unsafe.CopyBlockUnaligned(block + r - first, source + (r * rowBytes) + at, (uint)bytes);
                    }
                }

                Transpose(block);
            }

            F.Store(lines, (int)((bytes + 3) / 4), panel, (nint)(at / 4), isKept);
        }

        if (isKept)
        {
            Sse.StoreFence(); // Stores past the caches are not in order with others.
        }
    }

    /// <summary>
    /// Stores a line: past the caches where it is to be kept, which would only be filled to be emptied again (measured: twice as fast).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<int> line, byte* target, bool isKept)
    {
        if (isKept)
        {
            line.StoreAlignedNonTemporal((int*)target);
        }
        else
        {
            line.StoreAligned((int*)target);
        }
    }

    /// <summary>block[i][j] becomes block[j][i].</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Transpose(Vector512<int>* block)
    {
        for (int i = 0; i < 16; i += 4)
        {
            Vector512<long> ab = Avx512F.UnpackLow(block[i], block[i + 1]).AsInt64(), cd = Avx512F.UnpackLow(block[i + 2], block[i + 3]).AsInt64();
            Vector512<long> efLow = Avx512F.UnpackHigh(block[i], block[i + 1]).AsInt64(), ghLow = Avx512F.UnpackHigh(block[i + 2], block[i + 3]).AsInt64();
            block[i] = Avx512F.UnpackLow(ab, cd).AsInt32();
            block[i + 1] = Avx512F.UnpackHigh(ab, cd).AsInt32();
            block[i + 2] = Avx512F.UnpackLow(efLow, ghLow).AsInt32();
            block[i + 3] = Avx512F.UnpackHigh(efLow, ghLow).AsInt32();
        }

        // Vector i + 4q now holds elements i, i + 4, i + 8 and i + 12 of rows 4q to 4q + 3, a quarter each.
        for (int i = 0; i < 4; i++)
        {
            Vector512<int> a = block[i], b = block[i + 4], c = block[i + 8], d = block[i + 12];
            Vector512<int> abLow = Avx512F.Shuffle4x128(a, b, 0x88), abHigh = Avx512F.Shuffle4x128(a, b, 0xDD);
            Vector512<int> cdLow = Avx512F.Shuffle4x128(c, d, 0x88), cdHigh = Avx512F.Shuffle4x128(c, d, 0xDD);
            block[i] = Avx512F.Shuffle4x128(abLow, cdLow, 0x88);
            block[i + 8] = Avx512F.Shuffle4x128(abLow, cdLow, 0xDD);
            block[i + 4] = Avx512F.Shuffle4x128(abHigh, cdHigh, 0x88);
            block[i + 12] = Avx512F.Shuffle4x128(abHigh, cdHigh, 0xDD);
        }
    }
}
