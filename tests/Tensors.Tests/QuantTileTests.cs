using Inference.Tensors.Cpu;
using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Cpu.Panels;
using Inference.Tensors.Cpu.Quantized;

namespace Inference.Tensors.Tests;

/// <summary>The tiles of quantised panels beside each other, below the backend.</summary>
public unsafe class QuantTileTests
{
    [Theory]
    [InlineData(DType.Q8_0)]
    [InlineData(DType.Q4_0)]
    [InlineData(DType.Q4_1)]
    [InlineData(DType.Q5_0)]
    [InlineData(DType.Q5_1)]
    [InlineData(DType.Q4_K)]
    [InlineData(DType.Q5_K)]
    [InlineData(DType.Q6_K)]
    public void All_tiles_give_the_same_bits(DType type)
    {
        switch (type)
        {
            case DType.Q8_0: Compare<FormatQ8_0>(); break;
            case DType.Q4_0: Compare<FormatQ4_0>(); break;
            case DType.Q4_1: Compare<FormatQ4_1>(); break;
            case DType.Q5_0: Compare<FormatQ5_0>(); break;
            case DType.Q5_1: Compare<FormatQ5_1>(); break;
            case DType.Q4_K: Compare<FormatQ4_K>(); break;
            case DType.Q5_K: Compare<FormatQ5_K>(); break;
            default: Compare<FormatQ6_K>(); break;
        }
    }

    /// <summary>Tiles of every instruction set that fuses multiplications with additions, and the emitted ones where there is VNNI.</summary>
    private static void Compare<F>()
        where F : struct, IQuantFormat
    {
        const int Columns = 768;
        List<PanelFormat> kernels = [.. Enum.GetValues<Isa>().Where(isa => isa != Isa.Portable && CpuFeatures.Supports(isa)).Select(isa => new QuantPanels<F>(isa, emitted: false))];
        if (EmittedCode.HasVnni)
        {
            kernels.Add(new QuantPanels<F>(Isa.Avx512, emitted: true));
        }

        foreach (int outputs in new[] { 32, 19 })
        {
            using Tensor weight = Samples.Normal(outputs, outputs, Columns, 1, F.Type), x = Samples.Normal(2, ActivationQ8.MaxRows, Columns);
            using NativeBuffer panelMemory = new(), groupMemory = new();
            byte* panel = (byte*)panelMemory.Floats((kernels[0].PanelBytes(Columns) / 4) + 2048);
            kernels[0].Pack((byte*)weight.Data, weight.RowBytes, outputs, Columns, panel, isKept: true);
            for (int rows = 1; rows <= ActivationQ8.MaxRows; rows++)
            {
                byte* group = (byte*)groupMemory.Floats(ActivationQ8.Instance.GroupBytes(rows, Columns) / 4);
                ActivationQ8.Instance.Encode((float*)x.Data, Columns, rows, Columns, group);
                using Tensor expected = Samples.Poisoned(rows, 40);
                kernels[0].Multiply(panel, Columns, group, rows, (float*)expected.Data, 40);
                foreach (PanelFormat kernel in kernels)
                {
                    using Tensor actual = Samples.Poisoned(rows, 40);
                    kernel.Multiply(panel, Columns, group, rows, (float*)actual.Data, 40);
                    Backends.SameBits(expected.Span, actual.Span);
                }

                Assert.All(Enumerable.Range(outputs, 40 - outputs), column => Assert.True(column < 32 ? expected.Row(rows - 1)[column] == 0 : float.IsNaN(expected.Row(rows - 1)[column])));
            }
        }
    }
}
