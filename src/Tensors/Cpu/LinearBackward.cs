using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// dx += dy w and dw += dyᵀ x, as products of packed panels (Goto and van de Geijn, Anatomy of High-Performance Matrix
/// Multiplication): panels of the right matrix, of <see cref="Depth"/> steps, are packed once and shared; each task packs
/// a strip of the left one.
/// </summary>
internal static unsafe class LinearBackward<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Steps of the sum that are packed at once. A strip of dy of this length stays in the first-level cache.</summary>
    private const int Depth = 384;

    /// <summary>Columns of the right matrix that are packed at once: with Depth, 786 KB of the second-level cache at most.</summary>
    private const int Width = 512;

    /// <summary>Strips of tile rows in a task.</summary>
    private const int StripsPerTask = 4;

    public static void Input(CpuContext context, Tensor dy, Tensor w, Tensor dx)
    {
        int rows = dy.Rows, steps = w.Rows, columns = w.Columns;
        for (int k0 = 0; k0 < steps; k0 += Depth)
        {
            int depth = Math.Min(Depth, steps - k0), first = k0;
            for (int j0 = 0; j0 < columns; j0 += Width)
            {
                int width = Math.Min(Width, columns - j0), left = j0;
                float* panels = PackWeight(context, w, first, depth, left, width);
                Multiply(
                    context, rows, depth, width, panels, (row, count, target) =>
                    Packing.Transpose(
                        (float*)dy.Data + ((long)row * steps) + first, steps, count, depth, target, OuterProductTile<S, V>.Rows),
                    (float*)dx.Data + left, columns);
            }
        }

        GC.KeepAlive(dx);
    }

    public static void Weight(CpuContext context, Tensor x, Tensor dy, Tensor dw, Tensor? dbias)
    {
        int rows = dy.Columns, steps = x.Rows, columns = x.Columns;
        for (int k0 = 0; k0 < steps; k0 += Depth)
        {
            int depth = Math.Min(Depth, steps - k0), first = k0;
            for (int j0 = 0; j0 < columns; j0 += Width)
            {
                int width = Math.Min(Width, columns - j0), left = j0;
                float* panels = Pack(context, depth, width, (float*)x.Data + ((long)first * columns) + left, columns);
                Multiply(
                    context, rows, depth, width, panels, (row, count, target) =>
                    Packing.Copy(
                        (float*)dy.Data + ((long)first * rows) + row, rows, depth, count, target, OuterProductTile<S, V>.Rows),
                    (float*)dw.Data + left, columns);
            }
        }

        if (dbias is not null)
        {
            Elementwise<S, V>.AddColumnSums(context, dy, dbias);
        }

        GC.KeepAlive(x);
        GC.KeepAlive(dw);
    }

    private static float* PackWeight(CpuContext context, Tensor w, int first, int depth, int left, int width)
    {
        if (w.Type == DType.F32)
        {
            float* packed = Pack(context, depth, width, (float*)w.Data + ((long)first * w.Columns) + left, w.Columns);
            GC.KeepAlive(w);
            return packed;
        }

        int tile = OuterProductTile<S, V>.Columns;
        float* panels = context.Shared.Floats((long)depth * ((width + tile - 1) / tile) * tile);
        context.Pool.For(depth, (k, worker) =>
        {
            float* row = context.Scratch[worker].Floats(w.Columns);
            RowConversion<S, V>.Convert(w.Type, (byte*)w.Data + ((first + k) * w.RowBytes), w.Columns, row);
            for (int j = 0; j < width; j += tile)
            {
                float* panel = panels + ((long)j * depth) + ((long)k * tile);
                Packing.Copy(row + left + j, 0, 1, Math.Min(tile, width - j), panel, tile);
            }
        });
        return panels;
    }

    private static float* Pack(CpuContext context, int depth, int width, float* source, nint ld)
    {
        int tile = OuterProductTile<S, V>.Columns;
        int count = (width + tile - 1) / tile;
        float* panels = context.Shared.Floats((long)depth * count * tile);
        context.Pool.For(count, (panel, _) =>
            Packing.Copy(
                source + (panel * tile), ld, depth, Math.Min(tile, width - (panel * tile)), panels + ((long)panel * tile * depth), tile));
        return panels;
    }

    private delegate void PackStrip(int row, int count, float* target);

    private static void Multiply(CpuContext context, int rows, int depth, int width, float* panels, PackStrip pack, float* c, nint ldc)
    {
        int tileRows = OuterProductTile<S, V>.Rows, tileColumns = OuterProductTile<S, V>.Columns;
        int strips = (rows + tileRows - 1) / tileRows;
        context.Pool.For((strips + StripsPerTask - 1) / StripsPerTask, (task, worker) =>
        {
            float* strip = context.Scratch[worker].Floats(depth * tileRows);
            int last = Math.Min(strips, (task + 1) * StripsPerTask);
            for (int s = task * StripsPerTask; s < last; s++)
            {
                int row = s * tileRows, count = Math.Min(tileRows, rows - row);
                pack(row, count, strip);
                for (int j = 0; j < width; j += tileColumns)
                {
                    OuterProductTile<S, V>.Run(
                        depth, strip, tileRows, panels + ((long)j * depth), tileColumns, c + (row * ldc) + j, ldc, count, width - j, true);
                }
            }
        });
    }
}
