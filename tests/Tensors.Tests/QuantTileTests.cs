using System.Runtime.InteropServices;
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
        List<PanelFormat> kernels = [.. Enum.GetValues<Isa>().Where(isa => isa != Isa.Portable && CpuFeatures.Supports(isa)).Select(isa => new QuantPanels<F>(isa, emitted: false))];
        if (EmittedCode.HasVnni)
        {
            kernels.Add(new QuantPanels<F>(Isa.Avx512, emitted: true));
        }

        foreach ((int outputs, int columns) in new[] { (32, 256), (19, 768), (32, F.Type.BlockLength() * 11), (32, 2304) })
        {
            using Tensor weight = Samples.Normal(outputs, outputs, columns, 1, F.Type);
            using NativeBuffer panelMemory = new(), encodedMemory = new();
            byte* panel = (byte*)panelMemory.Floats(kernels[0].PanelBytes(columns) / 4);
            NativeMemory.Clear(panel, (nuint)kernels[0].PanelBytes(columns));
            kernels[0].Pack((byte*)weight.Data, weight.RowBytes, outputs, columns, panel, isKept: true);
            foreach (int rows in new[] { 1, 2, 3, 4, 5, 6, 9, 16, 40, 70 })
            {
                using Tensor x = Samples.Normal(2, rows, columns);
                EncodedRows encoded = new(ActivationQ8.Instance, x, 0);
                encoded.Target = (byte*)encodedMemory.Floats(encoded.Bytes / 4);
                for (int group = 0; group < encoded.Groups; group++)
                {
                    encoded.Encode(group);
                }

                using Tensor expected = Samples.Poisoned(rows, 40);
                kernels[0].Multiply(panel, new NextPanel(panel, false), encoded, 0, encoded.Groups, (float*)expected.Data, 40);
                foreach (PanelFormat kernel in kernels)
                {
                    using Tensor actual = Samples.Poisoned(rows, 40);
                    kernel.Multiply(panel, new NextPanel(panel, true), encoded, 0, encoded.Groups, (float*)actual.Data, 40);
                    Backends.SameBits(expected.Span, actual.Span);
                }

                Assert.All(Enumerable.Range(outputs, 40 - outputs), column => Assert.True(column < 32 ? expected.Row(rows - 1)[column] == 0 : float.IsNaN(expected.Row(rows - 1)[column])));
            }
        }
    }
}
