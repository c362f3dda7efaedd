using System.Runtime.InteropServices;
using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.CublasLt;
using Inference.Tensors.Cuda.Driver;

namespace Inference.Cuda.Bench;

/// <summary>The matrix rate in BF16 by cuBLASLt, on random numbers: zeros draw less power and are faster.</summary>
internal static class ProductBench
{
    private const long Workspace = 64 << 20;

    /// <summary>Rows, outputs and inputs: a square product, and the largest of Llama 3.1 8B at a prefill of 1k and a step of 32 tokens.</summary>
    private static readonly (int Rows, int Outputs, int Inputs)[] Shapes = [(8192, 8192, 8192), (1024, 28672, 4096), (32, 28672, 4096)];

    public static void Run(PrimaryContext context, Stopwatches watches, string? path)
    {
        CublasLtApi api;
        try
        {
            api = new CublasLtApi(path);
        }
        catch (DeviceUnavailableException exception)
        {
            Table.Row("products", exception.Message);
            return;
        }

        CudaStream stream = watches.Stream;
        using CublasLtHandle library = CublasLtProduct.CreateLibrary(api);
        using MemoryPool pool = new(context);
        using DeviceBuffer workspace = pool.Allocate(Workspace, stream);
        foreach ((int rows, int outputs, int inputs) in Shapes)
        {
            string what = $"BF16 [{rows}, {inputs}] x [{outputs}, {inputs}] by cuBLASLt {api.Version}";
            try
            {
                using CublasLtProduct product = new(api, library, MatrixType.BF16, rows, outputs, inputs, Workspace);
                using DeviceBuffer x = Noise(context, pool, stream, rows, inputs), w = Noise(context, pool, stream, outputs, inputs);
                using DeviceBuffer y = pool.Allocate((long)rows * outputs * sizeof(ushort), stream);
                double seconds = watches.Measure(() => product.Run(x, w, y, workspace, stream));
                Table.Row(what, $"{2.0 * rows * outputs * inputs / seconds / 1e12:F1} TFLOP/s, weights at {(double)outputs * inputs * sizeof(ushort) / seconds / 1e9:F0} GB/s");
            }
            catch (CublasLtException exception)
            {
                Table.Row(what, exception.Message);
            }
        }
    }

    /// <summary>BF16 numbers in [-1, 1): random in the first rows, the rest copies of them.</summary>
    private static DeviceBuffer Noise(PrimaryContext context, MemoryPool pool, CudaStream stream, int rows, int columns)
    {
        Random random = new(rows + columns);
        ushort[] values = new ushort[16 * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (ushort)(BitConverter.SingleToUInt32Bits((random.NextSingle() * 2) - 1) >> 16);
        }

        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        DeviceBuffer buffer = pool.Allocate((long)rows * columns * sizeof(ushort), stream);
        for (long offset = 0; offset < buffer.Length; offset += bytes.Length)
        {
            buffer.CopyFrom(bytes[..(int)Math.Min(bytes.Length, buffer.Length - offset)], stream, offset);
        }

        context.Synchronize();
        return buffer;
    }
}
