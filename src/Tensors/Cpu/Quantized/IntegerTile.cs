using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Panels;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>
/// A panel times a group of encoded rows, in vector intrinsics. In a block of 32 elements the products of quants are summed
/// as integers, exactly: the low and the high nibbles each in 16 bits (8 x 2 x 15 x 128 fits). Then, in floats,
/// sum += (integer * weight's scale) * x's scale, and sum += offset * (x's scale * sum of x's quants) where there is one. A sum
/// is one sequence over the blocks, whatever the rows of the group.
/// </summary>
internal static unsafe class IntegerTile<F, S, V>
    where F : struct, IQuantFormat
    where S : struct, IIntegerSimd<V>
    where V : struct
{
    /// <summary>How far ahead the panel is fetched.</summary>
    private const int PrefetchBytes = 4096;

    [MethodImpl(KernelCompilation.Optimized)]
    public static void Run(byte* panel, int columns, byte* x, int rows, float* y, nint ldy)
    {
        float* sums = stackalloc float[ActivationQ8.MaxRows * PanelFormat.Rows];
        new Span<float>(sums, ActivationQ8.MaxRows * PanelFormat.Rows).Clear();
        byte* header = panel;
        for (int block = 0; block < columns / 32; block++)
        {
            if (block % QuantLayout<F>.BlocksPerHeader == 0)
            {
                header = panel;
                panel += QuantLayout<F>.HeaderBytes;
            }

            for (int at = 0; at < QuantLayout<F>.BlockBytes; at += 64)
            {
                Memory.Prefetch(panel + at + PrefetchBytes);
            }

            for (int first = 0; first < PanelFormat.Rows; first += S.Lanes)
            {
                Block(header, panel, first, x, rows, sums + first);
            }

            panel += QuantLayout<F>.BlockBytes;
            x += ActivationQ8.BlockBytes * rows;
        }

        for (int r = 0; r < rows; r++)
        {
            new ReadOnlySpan<float>(sums + (r * PanelFormat.Rows), PanelFormat.Rows).CopyTo(new Span<float>(y + (r * ldy), PanelFormat.Rows));
        }
    }

    /// <summary>A block of 32 elements of the rows of a panel from <paramref name="first"/> on, as many as a vector has lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block(byte* header, byte* panel, int first, byte* x, nint rows, float* sums)
    {
        byte* low = panel + QuantLayout<F>.ScaleBytes + (4 * first);
        byte* high = low + QuantLayout<F>.LowBytes;
        V a0 = Low(low, 0), a1 = Low(low, 1), a2 = Low(low, 2), a3 = Low(low, 3);
        V a4 = Low(low, 4), a5 = Low(low, 5), a6 = Low(low, 6), a7 = Low(low, 7);
        V b0 = High(low, high, 0), b1 = High(low, high, 1), b2 = High(low, high, 2), b3 = High(low, high, 3);
        V b4 = High(low, high, 4), b5 = High(low, high, 5), b6 = High(low, high, 6), b7 = High(low, high, 7);
        (V scale, V second) = Scales(header, panel, first);
        int* terms = (int*)x + (8 * rows);
        for (nint r = 0; r < rows; r++)
        {
            int* word = (int*)x + r;
            V x0 = S.Broadcast(word), x1 = S.Broadcast(word + rows), x2 = S.Broadcast(word + (2 * rows)), x3 = S.Broadcast(word + (3 * rows));
            V one = Dot(a0, a1, a2, a3, x0, x1, x2, x3), highOne = F.Bits > 4 ? Dot(b0, b1, b2, b3, x0, x1, x2, x3) : default;
            x0 = S.Broadcast(word + (4 * rows));
            x1 = S.Broadcast(word + (5 * rows));
            x2 = S.Broadcast(word + (6 * rows));
            x3 = S.Broadcast(word + (7 * rows));
            V two = Dot(a4, a5, a6, a7, x0, x1, x2, x3), highTwo = F.Bits > 4 ? Dot(b4, b5, b6, b7, x0, x1, x2, x3) : default;
            V sum = S.LoadFloats(sums + (r * PanelFormat.Rows)), xScale = S.Broadcast((float*)terms + r);
            if (F.Scales == QuantScales.HalfBlockByte)
            {
                V first16 = Integer(one, highOne, terms + (ActivationQ8.FirstSums * rows) + r);
                V last16 = Integer(two, highTwo, terms + ((ActivationQ8.FirstSums + 1) * rows) + r);
                sum = S.Fma(S.Multiply(S.ToFloat(first16), scale), xScale, sum);
                sum = S.Fma(S.Multiply(S.ToFloat(last16), second), xScale, sum);
            }
            else
            {
                V integer = Integer(S.Add16(one, two), F.Bits > 4 ? S.Add16(highOne, highTwo) : default, terms + (ActivationQ8.Sums * rows) + r);
                sum = S.Fma(S.Multiply(S.ToFloat(integer), scale), xScale, sum);
                if (F.Scales != QuantScales.Half)
                {
                    sum = S.Fma(second, S.Broadcast((float*)terms + (ActivationQ8.ScaledSums * rows) + r), sum);
                }
            }

            S.Store(sums + (r * PanelFormat.Rows), sum);
        }
    }

    /// <summary>The low nibbles of group <paramref name="g"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Low(byte* low, int g) => F.Bits == 8
        ? S.Field(S.Load(low + (128 * g)), 0, 15)
        : S.Field(S.Load(low + (128 * (g % 4))), g < 4 ? 0 : 4, 15);

    /// <summary>The bits above the low nibbles of group <paramref name="g"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V High(byte* low, byte* high, int g) => F.Bits switch
    {
        8 => S.Field(S.Load(low + (128 * g)), 4, 15),
        5 => S.Field(S.Load(high), g, 1),
        6 => S.Field(S.Load(high + (128 * (g / 4))), 2 * (g % 4), 3),
        _ => default,
    };

    /// <summary>The scale and the offset, or the scales of the two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V Scale, V Second) Scales(byte* header, byte* panel, int first)
    {
        switch (F.Scales)
        {
            case QuantScales.Half:
                return (S.LoadHalves(panel + (2 * first)), default);
            case QuantScales.HalfAndOffset:
                return (S.LoadHalves(panel + (2 * first)), S.LoadHalves(panel + 64 + (2 * first)));
            default:
                V unit = S.LoadHalves(header + (2 * first));
                V secondUnit = F.Scales == QuantScales.ByteAndOffset ? S.LoadHalves(header + 64 + (2 * first)) : unit;
                return (S.Multiply(unit, S.LoadSBytes(panel + first)), S.Multiply(secondUnit, S.LoadSBytes(panel + 32 + first)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Dot(V w0, V w1, V w2, V w3, V x0, V x1, V x2, V x3) => S.Add16(
        S.Add16(S.DotPairs(w0, x0), S.DotPairs(w1, x1)), S.Add16(S.DotPairs(w2, x2), S.DotPairs(w3, x3)));

    /// <summary>low + 16 high, less what the quant that means 0 adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Integer(V low, V high, int* negativeSum)
    {
        V sum = S.SumPairs(low, 1);
        if (F.Bits > 4)
        {
            sum = S.Add32(sum, S.SumPairs(high, 16));
        }

        return F.ZeroShift == 0 ? sum : S.Add32(sum, S.ShiftLeft32(S.Broadcast(negativeSum), F.ZeroShift));
    }
}
