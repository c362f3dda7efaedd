using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Panels;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>Packs rows into panels: see <see cref="QuantLayout{F}"/>.</summary>
internal static unsafe class QuantPacking<F>
    where F : struct, IQuantFormat
{
    /// <summary>Packs up to 32 rows. Missing rows are zeros: their scales make whatever their quants are 0.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel)
    {
        uint* groups = stackalloc uint[8 * PanelFormat.Rows];
        new Span<uint>(groups, 8 * PanelFormat.Rows).Clear();
        bool isDirect = F.Bits == 8 && rows == PanelFormat.Rows;
        byte* header = panel;
        long storedBytes = F.Type.BlockBytes() * 32 / F.Type.BlockLength(); // Looked up once: these are calls until they are compiled again.
        for (int block = 0; block < columns / 32; block++)
        {
            if (block % QuantLayout<F>.BlocksPerHeader == 0)
            {
                header = panel;
                new Span<byte>(header, QuantLayout<F>.HeaderBytes).Clear();
                panel += QuantLayout<F>.HeaderBytes;
            }

            new Span<byte>(panel, QuantLayout<F>.ScaleBytes).Clear();
            uint* target = isDirect ? (uint*)(panel + QuantLayout<F>.ScaleBytes) : groups;
            for (int r = 0; r < rows; r++)
            {
                byte* row = source + (r * rowBytes);
                Memory.Prefetch(row + (block * storedBytes) + 256);
                F.WriteScales(row, block, header, panel, r);
            }

            int first = 0;
            for (; Avx2.IsSupported && first + 8 <= rows; first += 8)
            {
                Transpose(source + (first * rowBytes), rowBytes, block, target + first);
            }

            for (; first < rows; first++)
            {
                Vector256<uint> quants = F.Quants(source + (first * rowBytes), block).AsUInt32();
                for (int g = 0; g < 8; g++)
                {
                    target[(g * PanelFormat.Rows) + first] = quants[g];
                }
            }

            if (!isDirect)
            {
                Store((byte*)groups, panel + QuantLayout<F>.ScaleBytes);
            }

            panel += QuantLayout<F>.BlockBytes;
        }
    }

    /// <summary>target[32 g + i] = group g of row i, for eight rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(byte* rows, long rowBytes, int block, uint* target)
    {
        byte* middle = rows + (4 * rowBytes);
        Vector256<uint> a = F.Quants(rows, block).AsUInt32(), b = F.Quants(rows + rowBytes, block).AsUInt32();
        Vector256<uint> c = F.Quants(rows + (2 * rowBytes), block).AsUInt32(), d = F.Quants(rows + (3 * rowBytes), block).AsUInt32();
        Vector256<uint> e = F.Quants(middle, block).AsUInt32(), f = F.Quants(middle + rowBytes, block).AsUInt32();
        Vector256<uint> g = F.Quants(middle + (2 * rowBytes), block).AsUInt32(), h = F.Quants(middle + (3 * rowBytes), block).AsUInt32();
        Vector256<ulong> ab = Avx2.UnpackLow(a, b).AsUInt64(), cd = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> ef = Avx2.UnpackLow(e, f).AsUInt64(), gh = Avx2.UnpackLow(g, h).AsUInt64();
        StorePair(Avx2.UnpackLow(ab, cd), Avx2.UnpackLow(ef, gh), target);
        StorePair(Avx2.UnpackHigh(ab, cd), Avx2.UnpackHigh(ef, gh), target + PanelFormat.Rows);
        ab = Avx2.UnpackHigh(a, b).AsUInt64();
        cd = Avx2.UnpackHigh(c, d).AsUInt64();
        ef = Avx2.UnpackHigh(e, f).AsUInt64();
        gh = Avx2.UnpackHigh(g, h).AsUInt64();
        StorePair(Avx2.UnpackLow(ab, cd), Avx2.UnpackLow(ef, gh), target + (2 * PanelFormat.Rows));
        StorePair(Avx2.UnpackHigh(ab, cd), Avx2.UnpackHigh(ef, gh), target + (3 * PanelFormat.Rows));
    }

    /// <summary>Each half of a and of b is a group of four rows; the upper halves belong four groups on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(Vector256<ulong> a, Vector256<ulong> b, uint* target)
    {
        Avx2.Permute2x128(a, b, 0x20).AsUInt32().Store(target);
        Avx2.Permute2x128(a, b, 0x31).AsUInt32().Store(target + (4 * PanelFormat.Rows));
    }

    /// <summary>Stores [8 groups][32 rows][4] in as many bits as the format has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* groups, byte* target)
    {
        if (F.Bits == 8)
        {
            Unsafe.CopyBlockUnaligned(target, groups, 1024);
            return;
        }

        Vector256<ushort> nibble = Vector256.Create((ushort)0x0F0F);
        for (int i = 0; i < 512; i += 32)
        {
            Vector256<ushort> low = Vector256.Load((ushort*)(groups + i)) & nibble, high = Vector256.Load((ushort*)(groups + 512 + i)) & nibble;
            (low | (high << 4)).Store((ushort*)(target + i));
        }

        target += 512;
        for (int i = 0; i < 128; i += 32)
        {
            if (F.Bits == 5)
            {
                Vector256<ushort> bits = default;
                for (int g = 0; g < 8; g++)
                {
                    bits |= ((Vector256.Load((ushort*)(groups + (128 * g) + i)) >>> 4) & Vector256.Create((ushort)0x0101)) << g;
                }

                bits.Store((ushort*)(target + i));
            }

            for (int part = 0; F.Bits == 6 && part < 2; part++)
            {
                Vector256<ushort> bits = default;
                for (int g = 0; g < 4; g++)
                {
                    bits |= ((Vector256.Load((ushort*)(groups + (512 * part) + (128 * g) + i)) >>> 4) & Vector256.Create((ushort)0x0303)) << (2 * g);
                }

                bits.Store((ushort*)(target + (128 * part) + i));
            }
        }
    }
}
