using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Converts rows of any weight format into F32.</summary>
internal static unsafe class RowConversion<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Converts four rows of <paramref name="n"/> elements to rows <paramref name="stride"/> floats apart.</summary>
    public static void Convert(DType type, in WeightRows rows, int n, int stride, float* target)
    {
        Convert(type, rows.Row0, n, target, rows.Ahead);
        Convert(type, rows.Row1, n, target + stride, rows.Ahead);
        Convert(type, rows.Row2, n, target + (2 * stride), rows.Ahead);
        Convert(type, rows.Row3, n, target + (3 * stride), rows.Ahead);
    }

    /// <summary>Converts a row of a tensor, and fetches the memory <paramref name="ahead"/> bytes further on.</summary>
    public static void Convert(DType type, byte* row, int n, float* target, nint ahead = 0)
    {
        switch (type)
        {
            case DType.F32:
                new Span<float>(row, n).CopyTo(new Span<float>(target, n));
                break;
            case DType.F16:
                Convert<WeightF16<S, V>>(row, n, ahead, target);
                break;
            case DType.BF16:
                Convert<WeightBF16<S, V>>(row, n, ahead, target);
                break;
            case DType.Q8_0:
                Convert<WeightQ8<S, V>>(row, n, ahead, target);
                break;
            case DType.Q4_0:
                Convert<WeightQ4<S, V>>(row, n, ahead, target);
                break;
            default:
                TensorRows.Decode(type, new ReadOnlySpan<byte>(row, checked((int)type.RowBytes(n))), new Span<float>(target, n));
                break;
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Convert<F>(byte* row, int n, nint ahead, float* target)
        where F : struct, IWeightFormat<V>
    {
        WeightRows rows = new(row, row, row, row, ahead);
        int k = 0;
        for (; k + 32 <= n; k += 32)
        {
            F.Prefetch(row, k, ahead);
            V scale = S.BroadcastLane(F.Scales(rows, k), 0);
            for (int j = k; j < k + 32; j += S.Count)
            {
                S.Store(target + j, F.Load(row, j, scale));
            }
        }

        for (; k + S.Count <= n; k += S.Count)
        {
            S.Store(target + k, F.Load(row, k, S.Zero));
        }

        if (k < n)
        {
            VectorMath<S, V>.StorePartial(target + k, F.LoadPartial(row, k, n - k), n - k);
        }
    }
}
