using System.Runtime.InteropServices;
using Inference.Cuda.Tests.Doubles;
using Inference.Tensors.Cuda.CublasLt;
using Inference.Tensors.Cuda.Driver;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

public sealed class CublasLtTests : IDisposable
{
    private readonly DriverDouble _driver = new();
    private readonly NativeDouble _library = new("cublaslt");
    private readonly PrimaryContext _context;
    private readonly CudaStream _stream;
    private readonly MemoryPool _pool;

    public CublasLtTests()
    {
        _context = _driver.OpenContext();
        _context.MakeCurrent();
        _stream = new CudaStream(_context);
        _pool = new MemoryPool(_context);
    }

    public void Dispose()
    {
        _pool.Dispose();
        _stream.Dispose();
        _context.Dispose();
        _driver.Dispose();
        _library.Dispose();
    }

    [ToolFact("cc")]
    public void Row_major_products_are_described_as_the_library_wants_them()
    {
        const int rows = 3, inputs = 5, outputs = 4;
        Random random = new(1);
        float[] x = [.. Enumerable.Range(0, rows * inputs).Select(_ => random.NextSingle())];
        float[] w = [.. Enumerable.Range(0, outputs * inputs).Select(_ => random.NextSingle())];
        CublasLtApi api = new(_library.Path);
        using (CublasLtHandle handle = CublasLtProduct.CreateLibrary(api))
        using (CublasLtProduct product = new(api, handle, MatrixType.F32, rows, outputs, inputs, workspaceBytes: 64))
        using (DeviceBuffer dx = Upload(x), dw = Upload(w), workspace = _pool.Allocate(32, _stream), dy = _pool.Allocate(rows * outputs * sizeof(float), _stream))
        using (PinnedBuffer y = new(_context, rows * outputs * sizeof(float)))
        {
            dy.Fill(0xFF, _stream); // NaN: what was there before must not count.
            product.Run(dx, dw, dy, workspace, _stream);
            dy.CopyTo(y, y.Length, _stream);

            float[] expected = [.. from row in Enumerable.Range(0, rows)
                from output in Enumerable.Range(0, outputs)
                select Enumerable.Range(0, inputs).Aggregate(0f, (sum, i) => sum + (w[(output * inputs) + i] * x[(row * inputs) + i]))];
            Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(y.Bytes).ToArray());
            Assert.Equal(32, product.WorkspaceBytes);
            Assert.Equal(
                "32 bytes are needed, not 0 (Parameter 'workspace')", Assert.Throws<ArgumentException>(() => product.Run(dx, dw, dy, null, _stream)).Message);
        }

        Assert.Equal(new Version(12, 4, 5), api.Version);
        Assert.Equal(0, _library["alive"]);
    }

    [ToolTheory("cc")]
    [InlineData(0, 0)]
    [InlineData(1, 15)]
    public void A_shape_without_an_algorithm_is_named(int found, int state)
    {
        _library["found"] = found;
        _library["state"] = state;
        CublasLtApi api = new(_library.Path);
        using CublasLtHandle handle = CublasLtProduct.CreateLibrary(api);

        Assert.Equal(
            "cublasLtMatmulAlgoGetHeuristic: 15 CUBLAS_STATUS_NOT_SUPPORTED: BF16 [3, 5] x [4, 5]ᵀ, 1,024 bytes of workspace",
            Assert.Throws<CublasLtException>(() => new CublasLtProduct(api, handle, MatrixType.BF16, 3, 4, 5, 1024)).Message);
    }

    private DeviceBuffer Upload(float[] values)
    {
        DeviceBuffer buffer = _pool.Allocate(values.Length * sizeof(float), _stream);
        buffer.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()), _stream);
        return buffer;
    }
}
