using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// y = x wᵀ + bias on weights as they lie on disk, converted in registers. Many rows with a quantised weight convert four
/// rows of it into scratch memory first. A block of x that stays in the second-level cache meets one group of weight rows
/// after another. All take the sums in the order of <see cref="DotTile{S, V, F}"/>, so a row of y has the same bits always.
/// </summary>
internal static unsafe class Linear<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Bytes of x that are multiplied with one group of weight rows after another.</summary>
    private const int BlockBytes = 256 * 1024;

    /// <summary>
    /// Above so many rows, converting a quantised weight once pays (measured: 12 to 16; never for F16 and BF16, whose
    /// conversion costs less than the room that a converted copy takes in the first-level cache).
    /// </summary>
    private const int ConvertAbove = 12;

    /// <summary>Groups of four weight rows in a task.</summary>
    private const int GroupsPerTask = 8;

    public static void Forward(CpuContext context, Tensor x, Tensor w, Tensor? bias, Tensor y)
    {
        switch (w.Type)
        {
            case DType.F32:
                Forward<WeightF32<S, V>>(context, x, w, bias, y);
                break;
            case DType.F16:
                Forward<WeightF16<S, V>>(context, x, w, bias, y);
                break;
            case DType.BF16:
                Forward<WeightBF16<S, V>>(context, x, w, bias, y);
                break;
            case DType.Q8_0:
                Forward<WeightQ8<S, V>>(context, x, w, bias, y);
                break;
            case DType.Q4_0:
                Forward<WeightQ4<S, V>>(context, x, w, bias, y);
                break;
            default:
                Forward<WeightF32<S, V>>(context, x, w, bias, y, convert: true);
                break;
        }
    }

    private static void Forward<F>(CpuContext context, Tensor x, Tensor w, Tensor? bias, Tensor y, bool convert = false)
        where F : struct, IWeightFormat<V>
    {
        int groups = (w.Rows + 3) / 4;
        int tileRows = DotTile<S, V, F>.MaxRows;
        convert |= w.Type.BlockLength() > 1 && x.Rows > ConvertAbove;
        int blockRows = Math.Max(tileRows, BlockBytes / (4 * Math.Max(1, x.Columns)) / tileRows * tileRows);
        int blocks = (x.Rows + blockRows - 1) / blockRows;
        int groupTasks = (groups + GroupsPerTask - 1) / GroupsPerTask;
        context.Pool.For(blocks * groupTasks, (task, worker) =>
        {
            int firstRow = task / groupTasks * blockRows, rows = Math.Min(blockRows, x.Rows - firstRow);
            int firstGroup = task % groupTasks * GroupsPerTask, lastGroup = Math.Min(groups, firstGroup + GroupsPerTask);
            float* source = (float*)x.Data + ((long)firstRow * x.Columns), target = (float*)y.Data + ((long)firstRow * y.Columns);
            float* offset = bias is null ? null : (float*)bias.Data;
            int padded = (x.Columns + 15) & ~15;
            float* scratch = convert ? context.Scratch[worker].Floats(4L * padded) : null;
            for (int group = firstGroup; group < lastGroup; group++)
            {
                WeightRows weights = new((byte*)w.Data, w.RowBytes, group * 4, w.Rows);
                if (convert)
                {
                    RowConversion<S, V>.Convert(w.Type, weights, x.Columns, padded, scratch);
                    weights = new((byte*)scratch, 4L * padded, 0, 4);
                    Rows<WeightF32<S, V>>(source, rows, x.Columns, weights, offset, target, group * 4, w.Rows);
                }
                else
                {
                    Rows<F>(source, rows, x.Columns, weights, offset, target, group * 4, w.Rows);
                }
            }
        });
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Rows<F>(float* x, int rows, int n, in WeightRows w, float* bias, float* y, int column, int columns)
        where F : struct, IWeightFormat<V>
    {
        Vector128<float>* sums = stackalloc Vector128<float>[8];
        int width = Math.Min(4, columns - column);
        Vector128<float> offset = Vector128<float>.Zero;
        for (int q = 0; bias is not null && q < width; q++)
        {
            offset = offset.WithElement(q, bias[column + q]);
        }

        y += column;
        while (rows > 0)
        {
            int done = DotTile<S, V, F>.Run(rows, n, x, n, w, sums);
            for (int r = 0; r < done; r++)
            {
                Vector128<float> sum = sums[r] + offset;
                if (width == 4)
                {
                    sum.Store(y);
                }
                else
                {
                    for (int q = 0; q < width; q++)
                    {
                        y[q] = sum[q];
                    }
                }

                x += n;
                y += columns;
            }

            rows -= done;
        }
    }
}
