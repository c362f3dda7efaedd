using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// Rows of x as [units of a row][rows], so that a tile reads the numbers that it broadcasts in order. A unit is a float,
/// or a pair of BF16. Columns are padded with zeros.
/// </summary>
internal sealed unsafe class InterleavedActivations<B> : ActivationFormat
    where B : struct, IActivationBlock
{
    public override int GroupRows => FloatTileEmitter.MaxRows;

    public override long GroupBytes(int rows, int columns) =>
        (4L * rows * PanelPacking.PaddedColumns(columns) / B.UnitFloats) + 64; // Stores of whole vectors run over the end.

    [MethodImpl(KernelCompilation.Optimized)]
    public override void Encode(float* x, nint ldx, int rows, int columns, byte* group)
    {
        Vector512<int>* block = stackalloc Vector512<int>[17];
        block = (Vector512<int>*)(((nint)block + 63) & ~63);
        float* rest = stackalloc float[32];
        int* target = (int*)group;
        int floats = 16 * B.UnitFloats, padded = PanelPacking.PaddedColumns(columns);
        for (int k = 0; k < padded; k += floats)
        {
            int count = Math.Min(floats, columns - k), units = Math.Min(floats, padded - k) / B.UnitFloats;
            for (int r = 0; r < rows; r++)
            {
                float* source = x + (r * ldx) + k;
                if (count < floats)
                {
                    new Span<float>(rest, 32).Clear();
                    new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(rest, 32));
                    source = rest;
                }

                block[r] = B.Load(source);
            }

            if (rows == 1)
            {
                block[0].Store(target);
                target += units;
                continue;
            }

            PanelPacking.Transpose(block);
            for (int unit = 0; unit < units; unit++)
            {
                block[unit].Store(target);
                target += rows;
            }
        }
    }
}
