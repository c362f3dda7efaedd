using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Panels;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>Packs rows into panels: see <see cref="QuantLayout{F}"/>.</summary>
internal static unsafe class QuantPacking<F>
    where F : struct, IQuantFormat
{
    /// <summary>Packs up to 32 rows. Missing rows are zeros: their scales make whatever their quants are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* source, long rowBytes, int rows, int columns, byte* panel)
    {
        uint* groups = stackalloc uint[8 * PanelFormat.Rows];
        byte* quants = stackalloc byte[32];
        new Span<uint>(groups, 8 * PanelFormat.Rows).Clear();
        byte* header = panel;
        for (int block = 0; block < columns / 32; block++)
        {
            if (block % QuantLayout<F>.BlocksPerHeader == 0)
            {
                header = panel;
                new Span<byte>(header, QuantLayout<F>.HeaderBytes).Clear();
                panel += QuantLayout<F>.HeaderBytes;
            }

            new Span<byte>(panel, QuantLayout<F>.ScaleBytes).Clear();
            for (int r = 0; r < rows; r++)
            {
                byte* row = source + (r * rowBytes);
                Memory.Prefetch(row + (block * (long)F.Type.BlockBytes() * 32 / F.Type.BlockLength()) + 256);
                F.WriteScales(row, block, header, panel, r);
                F.Quants(row, block, quants);
                for (int g = 0; g < 8; g++)
                {
                    groups[(g * PanelFormat.Rows) + r] = ((uint*)quants)[g];
                }
            }

            Store((byte*)groups, panel + QuantLayout<F>.ScaleBytes);
            panel += QuantLayout<F>.BlockBytes;
        }
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
