using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Rows of a table by id, the gradient of the table, and rows added to rows by index.</summary>
internal static unsafe class Embedding<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Columns of the table's gradient in a task; within one, rows are added in the order of t.</summary>
    private const int ColumnsPerTask = 256;

    /// <summary>Rows of a mapped file are read rather than touched: around each the system would map 64 KB, and keep them.</summary>
    public static void Forward(CpuContext context, Tensor table, int[] ids, Tensor y)
    {
        int chunk = CpuContext.RowsPerTask(y.Columns), bytes = checked((int)table.RowBytes);
        context.Pool.For((y.Rows + chunk - 1) / chunk, (task, worker) =>
        {
            byte* stored = (byte*)context.Scratch[worker].Floats((bytes + sizeof(float) - 1) / sizeof(float));
            for (int t = task * chunk; t < Math.Min(y.Rows, (task + 1) * chunk); t++)
            {
                byte* row = table.TryReread(ids[t], new Span<byte>(stored, bytes)) ? stored : (byte*)table.Data + (ids[t] * table.RowBytes);
                RowConversion<S, V>.Convert(table.Type, row, y.Columns, (float*)y.Data + ((long)t * y.Columns));
            }
        });
    }

    public static void ScatterAdd(CpuContext context, Tensor x, int[] rows, float[] weights, Tensor y) =>
        context.Chunks(y.Columns, ColumnsPerTask, (first, last) =>
        {
            for (int i = 0; i < rows.Length; i++)
            {
                Elementwise<S, V>.AddScaled(
                    (float*)x.Data + ((long)i * y.Columns) + first, weights[i], (float*)y.Data + ((long)rows[i] * y.Columns) + first, last - first);
            }
        });

    public static void Backward(CpuContext context, int[] ids, Tensor dy, Tensor dtable) =>
        context.Chunks(dy.Columns, ColumnsPerTask, (first, last) =>
        {
            for (int t = 0; t < ids.Length; t++)
            {
                Elementwise<S, V>.Add(
                    (float*)dy.Data + ((long)t * dy.Columns) + first, (float*)dtable.Data + ((long)ids[t] * dy.Columns) + first, last - first);
            }
        });
}
