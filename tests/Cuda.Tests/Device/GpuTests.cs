using System.Runtime.InteropServices;
using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.CublasLt;
using Inference.Tensors.Cuda.Driver;
using Inference.Tensors.Cuda.Nvml;

namespace Inference.Cuda.Tests.Device;

/// <summary>The driver edge on a real GPU. Until 2026-11-21 no machine with one was at hand: these have been skipped ever since they were written.</summary>
public sealed class GpuTests : IDisposable
{
    private const int Count = 1000;

    private readonly PrimaryContext _context;
    private readonly CudaStream _stream;
    private readonly MemoryPool _pool;

    public GpuTests()
    {
        CudaDriver driver = new();
        _context = new PrimaryContext(driver.Api, driver.Devices[0]);
        _context.MakeCurrent();
        _stream = new CudaStream(_context);
        _pool = new MemoryPool(_context);
    }

    public void Dispose()
    {
        _pool.Dispose();
        _stream.Dispose();
        _context.Dispose();
    }

    [GpuFact]
    public void Bytes_go_to_the_device_and_come_back()
    {
        byte[] sent = new byte[1_000_003];
        new Random(1).NextBytes(sent);
        using DeviceBuffer first = _pool.Allocate(sent.Length, _stream), second = _pool.Allocate(sent.Length, _stream);
        second.Fill(0xFF, _stream);
        first.CopyFrom(sent, _stream);
        first.CopyTo(second, sent.Length - 3, _stream);

        Assert.Equal([.. sent[..^3], 0xFF, 0xFF, 0xFF], Download(second));
        Assert.True(_pool.UsedBytes >= 2L * sent.Length);
    }

    [GpuFact]
    public void A_kernel_from_ptx_gets_its_arguments()
    {
        using CudaModule module = AddIndex();
        CudaFunction kernel = module.Function("add_index");
        using DeviceBuffer values = _pool.Allocate((Count + 7) * sizeof(int), _stream);
        values.Fill(0, _stream);

        Launch(kernel, values, _stream);

        Assert.Equal([.. Enumerable.Range(0, Count), .. new int[7]], MemoryMarshal.Cast<byte, int>(Download(values)).ToArray());
        Assert.InRange(kernel.RegistersPerThread, 1, 255);
        Assert.Equal(0, kernel.LocalBytesPerThread);
    }

    [GpuFact]
    public void A_graph_repeats_what_was_recorded()
    {
        using CudaModule module = AddIndex();
        CudaFunction kernel = module.Function("add_index");
        using DeviceBuffer values = _pool.Allocate(Count * sizeof(int), _stream);
        values.Fill(0, _stream);
        using CudaGraph graph = _stream.Capture(s =>
        {
            Launch(kernel, values, s);
            Launch(kernel, values, s);
        });
        using CudaGraphExec executable = graph.Instantiate();
        Assert.Equal(2, graph.NodeCount);

        for (int i = 0; i < 3; i++)
        {
            executable.Launch(_stream);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(i => 6 * i), MemoryMarshal.Cast<byte, int>(Download(values)).ToArray());
    }

    [GpuFact]
    public void A_failed_capture_leaves_the_stream_usable()
    {
        Assert.Throws<CudaException>(() => _stream.Capture(s => s.Synchronize()));

        using DeviceBuffer values = _pool.Allocate(4, _stream);
        values.Fill(5, _stream);
        Assert.Equal([5, 5, 5, 5], Download(values));
    }

    [GpuFact]
    public void Ptx_that_does_not_compile_shows_the_compilers_log()
    {
        byte[] ptx = [.. PtxResource.Read(typeof(GpuTests).Assembly, "AddIndex.ptx"), .. "nonsense"u8];

        string message = Assert.Throws<CudaException>(() => new CudaModule(_context, "broken.ptx", ptx)).Message;

        Assert.StartsWith("cuModuleLoadDataEx: 218 CUDA_ERROR_INVALID_PTX", message);
        Assert.Contains("ptxas", message);
    }

    [GpuFact]
    public void More_memory_than_there_is_is_refused_in_words()
    {
        long bytes = 2 * _context.Memory.Total;

        string message = Assert.Throws<CudaException>(() => _pool.Allocate(bytes, _stream)).Message;

        Assert.Contains($"CUDA_ERROR_OUT_OF_MEMORY (out of memory): {bytes:N0} bytes were asked for", message);
        _pool.Allocate(4, _stream).Dispose();
    }

    [GpuFact]
    public void Events_take_the_time()
    {
        using CudaEvent begin = new(_context, timing: true), end = new(_context, timing: true);
        using DeviceBuffer buffer = _pool.Allocate(64 << 20, _stream);
        begin.Record(_stream);
        buffer.Fill(1, _stream);
        end.Record(_stream);
        end.Synchronize();

        Assert.True(end.IsReached && _stream.IsIdle);
        Assert.InRange(begin.MillisecondsTo(end), 1e-3f, 1e3f);
    }

    [GpuFact]
    public void Nvml_and_the_driver_speak_of_the_same_gpus()
    {
        NvmlReport report = new NvmlLibrary().Read();

        Assert.Contains(report.Devices, d => d.PciBusId.EndsWith(_context.Device.PciBusId, StringComparison.OrdinalIgnoreCase));
    }

    [GpuFact]
    public void Products_by_cublasLt_agree_with_plain_sums_and_repeat_bit_for_bit()
    {
        Finding<string> found = CudaProbe.Look(new CudaLibraries()).CublasLt;
        if (!found.IsFound)
        {
            Assert.Contains("cuBLASLt", found.Missing); // Optional: without it there is nothing to compare.
            return;
        }

        const int rows = 24, outputs = 40, inputs = 72;
        Random random = new(2);
        float[] x = [.. Enumerable.Range(0, rows * inputs).Select(_ => random.NextSingle() - 0.5f)];
        float[] w = [.. Enumerable.Range(0, outputs * inputs).Select(_ => random.NextSingle() - 0.5f)];
        CublasLtApi api = new();
        using CublasLtHandle library = CublasLtProduct.CreateLibrary(api);
        using CublasLtProduct product = new(api, library, MatrixType.F32, rows, outputs, inputs, 1 << 20);
        using DeviceBuffer dx = Upload(x), dw = Upload(w), dy = _pool.Allocate(rows * outputs * sizeof(float), _stream), workspace = _pool.Allocate(1 << 20, _stream);
        dy.Fill(0xFF, _stream);
        product.Run(dx, dw, dy, workspace, _stream);
        byte[] first = Download(dy);
        float[] y = MemoryMarshal.Cast<byte, float>(first).ToArray();

        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double sum = 0;
                for (int i = 0; i < inputs; i++)
                {
                    sum += (double)x[(row * inputs) + i] * w[(output * inputs) + i];
                }

                // 72 products of at most 1/4 each, summed in F32: 72 roundings of at most 2^-24 of 18.
                Assert.Equal(sum, y[(row * outputs) + output], 1e-4);
            }
        }

        for (int i = 0; i < 10; i++)
        {
            product.Run(dx, dw, dy, workspace, _stream);
            Assert.Equal(first, Download(dy));
        }
    }

    private static void Launch(CudaFunction kernel, DeviceBuffer values, CudaStream stream)
    {
        KernelArguments arguments = new(stackalloc byte[16]);
        arguments.Add(values);
        arguments.Add(Count);
        kernel.Launch(stream, new LaunchShape((Count + 127) / 128, 1, 1, 128), arguments);
    }

    private CudaModule AddIndex() => new(_context, "AddIndex.ptx", PtxResource.Read(typeof(GpuTests).Assembly, "AddIndex.ptx"));

    private DeviceBuffer Upload(float[] values)
    {
        DeviceBuffer buffer = _pool.Allocate(values.Length * sizeof(float), _stream);
        buffer.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()), _stream);
        return buffer;
    }

    private byte[] Download(DeviceBuffer buffer)
    {
        using PinnedBuffer host = new(_context, (int)buffer.Length);
        buffer.CopyTo(host, buffer.Length, _stream);
        _stream.Synchronize();
        return host.Bytes.ToArray();
    }
}
