using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu;

/// <summary>Stores rows of keys and values in the cache, rounding to its format (to nearest even).</summary>
internal static unsafe class WriteKv
{
    public static void Run(CpuContext context, Tensor k, Tensor v, KvCache cache, int layer, int[] slots) =>
        context.Chunks(slots.Length, CpuContext.RowsPerTask(k.Columns), (first, last) =>
        {
            for (int t = first; t < last; t++)
            {
                Store(k, t, cache.Keys[layer], slots[t]);
                Store(v, t, cache.Values[layer], slots[t]);
            }
        });

    private static void Store(Tensor source, int row, Tensor target, int slot)
    {
        float* from = (float*)source.Data + ((long)row * source.Columns);
        byte* to = (byte*)target.Data + (slot * target.RowBytes);
        switch (target.Type)
        {
            case DType.F32:
                new Span<float>(from, source.Columns).CopyTo(new Span<float>(to, source.Columns));
                break;
            case DType.BF16:
                ToBFloat16(from, (ushort*)to, source.Columns);
                break;
            default:
                for (int i = 0; i < source.Columns; i++)
                {
                    ((Half*)to)[i] = (Half)from[i];
                }

                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToBFloat16(float* source, ushort* target, int n)
    {
        int i = 0;
        for (; i + 8 <= n; i += 8)
        {
            Vector128.Narrow(Round(Vector128.Load(source + i)), Round(Vector128.Load(source + i + 4))).Store(target + i);
        }

        for (; i < n; i++)
        {
            target[i] = (ushort)Round(Vector128.CreateScalar(source[i])).ToScalar();
        }
    }

    /// <summary>The upper halves, rounded to nearest even; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Round(Vector128<float> value)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<uint> rounded = bits + Vector128.Create(0x7FFFu) + ((bits >> 16) & Vector128<uint>.One);
        Vector128<uint> quiet = bits | Vector128.Create(0x400000u);
        return Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), rounded, quiet) >> 16;
    }
}
