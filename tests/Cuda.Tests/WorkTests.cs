using System.Text;
using Inference.Cuda.Tests.Doubles;
using Inference.Tensors.Cuda.Driver;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

/// <summary>Streams, memory, kernels and graphs on the double: what the driver is called with, and what comes back.</summary>
public sealed class WorkTests : IDisposable
{
    private const string Ptx = ".version 8.0\n.target sm_80\n";

    private readonly DriverDouble _library = new();
    private readonly PrimaryContext _context;
    private readonly CudaStream _stream;
    private readonly MemoryPool _pool;

    public WorkTests()
    {
        _context = _library.OpenContext();
        _context.MakeCurrent();
        _stream = new CudaStream(_context);
        _pool = new MemoryPool(_context, keepBytes: 1 << 20);
    }

    public void Dispose()
    {
        _pool.Dispose();
        _stream.Dispose();
        _context.Dispose();
        _library.Dispose();
        Assert.DoesNotContain("LEAKED", _library.Names);
    }

    [ToolFact("cc")]
    public void Bytes_go_to_the_device_and_come_back()
    {
        byte[] sent = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        using DeviceBuffer first = _pool.Allocate(100, _stream);
        using DeviceBuffer second = _pool.Allocate(100, _stream);
        using PinnedBuffer received = new(_context, 100);

        second.Fill(0xEE, _stream);
        first.CopyFrom(sent.AsSpan(10), _stream, offset: 10);
        first.CopyFrom(sent.AsSpan(0, 10), _stream);
        first.CopyTo(second, 90, _stream);
        second.CopyTo(received, 80, _stream, offset: 20);
        _stream.Synchronize();

        Assert.Equal([.. sent[20..90], .. Enumerable.Repeat((byte)0xEE, 10)], received.Bytes[..80].ToArray());
        Assert.Equal((200, 200), (_pool.UsedBytes, _pool.PeakBytes));
    }

    [ToolFact("cc")]
    public void A_copy_past_a_buffers_end_is_refused_before_the_driver_is_asked()
    {
        using DeviceBuffer buffer = _pool.Allocate(8, _stream);
        using DeviceBuffer small = _pool.Allocate(4, _stream);
        using PinnedBuffer pinned = new(_context, 4);
        _library.Forget();

        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyFrom(new byte[5], _stream, offset: 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyTo(pinned, 5, _stream));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyTo(small, 5, _stream));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.CopyFrom(new byte[1], _stream, offset: -1));
        Assert.Empty(_library.Calls);
    }

    [ToolFact("cc")]
    public void A_pool_is_made_on_its_device_and_keeps_what_it_is_told_to()
    {
        using MemoryPool pool = new(_context, keepBytes: 4096);
        pool.Trim(100);

        string[] calls = _library.Calls[^3..];
        Assert.Equal("cuMemPoolCreate type 1 handles 0 location 1 id 0 security (nil) most 0", calls[0]);
        Assert.EndsWith(" 4 4096", calls[1]);
        Assert.EndsWith(" 100", calls[2]);
    }

    [ToolFact("cc")]
    public void Memory_that_is_not_there_is_told_with_what_was_asked_and_what_is_free()
    {
        _library.FreeBytes = 1000;

        CudaException exception = Assert.Throws<CudaException>(() => _pool.Allocate(1001, _stream));

        Assert.Equal(
            $"cuMemAllocFromPoolAsync: 2 CUDA_ERROR_OUT_OF_MEMORY (out of memory): 1,001 bytes were asked for; 1,000 of {139L << 30:N0} are free on Double 0",
            exception.Message);
        _library.Fail("cuMemHostAlloc", 2);
        Assert.Contains("16 bytes of locked memory were asked for; see ulimit -l", Assert.Throws<CudaException>(() => new PinnedBuffer(_context, 16)).Message);
    }

    [ToolFact("cc")]
    public void A_launch_carries_shape_stream_and_packed_arguments()
    {
        using CudaModule module = Module(Ptx);
        CudaFunction kernel = module.Function("scale");
        kernel.AllowSharedBytes(100_000);
        KernelArguments arguments = new(stackalloc byte[32]);
        arguments.Add(7);
        arguments.Add((nint)0x0102);

        kernel.Launch(_stream, new LaunchShape(1, 2, 3, 4, 5, 6), arguments);

        Assert.EndsWith($" 8 100000", _library.Calls[^2]);
        Assert.EndsWith($"grid 1 2 3 block 4 5 1 shared 6 stream {_stream.Raw:x} arguments 07000000000000000201000000000000", _library.Calls[^1]);
        Assert.Equal((40, 0), (kernel.RegistersPerThread, kernel.LocalBytesPerThread));
    }

    [ToolFact("cc")]
    public void A_launch_allocates_nothing()
    {
        using CudaModule module = Module(Ptx);
        CudaFunction kernel = module.Function("scale");
        Launch(kernel);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Launch(kernel);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [ToolFact("cc")]
    public void A_refused_launch_names_the_kernel_and_its_shape()
    {
        using CudaModule module = Module(Ptx);
        CudaFunction kernel = module.Function("scale");
        _library.Fail("cuLaunchKernel", 701);

        string message = Assert.Throws<CudaException>(() => Launch(kernel)).Message;

        Assert.StartsWith("cuLaunchKernel: 701 CUDA_ERROR_OTHER (other error): scale, LaunchShape { GridX = 1", message);
        Assert.EndsWith("4 bytes of arguments", message);
    }

    [ToolFact("cc")]
    public void Ptx_that_does_not_compile_shows_the_compilers_log()
    {
        string message = Assert.Throws<CudaException>(() => Module(Ptx + "nonsense\n")).Message;

        Assert.StartsWith("cuModuleLoadDataEx: 218 CUDA_ERROR_INVALID_PTX", message);
        Assert.EndsWith($"test.ptx on Double 0 (9.0){Environment.NewLine}ptxas application ptx input, line 4; fatal   : Parsing error near 'nonsense': syntax error", message);
    }

    [ToolTheory("cc")]
    [InlineData(209, "the PTX is for newer GPUs")]
    [InlineData(221, "libnvidia-ptxjitcompiler.so.1, a part of the driver, is not here")]
    [InlineData(222, "the PTX is newer than the driver; update the driver")]
    public void Ptx_that_the_driver_refuses_says_what_helps(int code, string words)
    {
        _library.Fail("cuModuleLoadDataEx", code);

        Assert.EndsWith(words, Assert.Throws<CudaException>(() => Module(Ptx)).Message);
    }

    [ToolFact("cc")]
    public void A_kernel_that_a_module_lacks_is_named()
    {
        using CudaModule module = Module(Ptx);

        Assert.Equal("cuModuleGetFunction: 500 CUDA_ERROR_OTHER (other error): absent", Assert.Throws<CudaException>(() => module.Function("absent")).Message);
    }

    [ToolFact("cc")]
    public void Captured_work_is_recorded_and_not_done()
    {
        using CudaModule module = Module(Ptx);
        CudaFunction kernel = module.Function("scale");
        using DeviceBuffer buffer = _pool.Allocate(4, _stream);
        buffer.Fill(1, _stream);

        using CudaGraph graph = _stream.Capture(s =>
        {
            buffer.Fill(2, s);
            Launch(kernel);
        });
        using CudaGraphExec executable = graph.Instantiate();
        executable.Launch(_stream);

        Assert.Equal(2, graph.NodeCount);
        using PinnedBuffer bytes = new(_context, 4);
        buffer.CopyTo(bytes, 4, _stream);
        Assert.Equal([1, 1, 1, 1], bytes.Bytes.ToArray()); // Nor does the double do the work of graphs.
        Assert.Contains($"cuStreamBeginCapture_v2 {_stream.Raw:x} 1", _library.Calls);
        Assert.Contains($"cuGraphLaunch {executable.Raw:x} {_stream.Raw:x}", _library.Calls);
    }

    [ToolFact("cc")]
    public void A_capture_whose_work_fails_ends_and_leaves_the_stream_usable()
    {
        Assert.Equal("stop", Assert.Throws<InvalidOperationException>(() => _stream.Capture(_ => throw new InvalidOperationException("stop"))).Message);
        Assert.Equal(["cuStreamEndCapture", "cuGraphDestroy"], _library.Names[^2..]);
        Assert.Equal("cuStreamSynchronize", Assert.Throws<CudaException>(() => _stream.Capture(s => s.Synchronize())).Call);

        _stream.Synchronize();
        using CudaGraph graph = _stream.Capture(_ => { });
        Assert.Equal(0, graph.NodeCount);
    }

    [ToolFact("cc")]
    public void Events_order_streams_and_take_the_time()
    {
        using CudaStream other = new(_context);
        using CudaEvent begin = new(_context, timing: true);
        using CudaEvent end = new(_context, timing: true);
        using CudaEvent signal = new(_context);
        begin.Record(_stream);
        signal.Record(_stream);
        other.Wait(signal);
        end.Record(other);
        end.Synchronize();

        Assert.Equal(1.5f, begin.MillisecondsTo(end));
        Assert.Contains($"cuStreamWaitEvent {other.Raw:x} {signal.Raw:x} 0", _library.Calls);
        Assert.Equal(["cuEventCreate 0", "cuEventCreate 0", "cuEventCreate 2"], _library.Calls.Where(c => c.StartsWith("cuEventCreate", StringComparison.Ordinal)));
        Assert.True(end.IsReached && other.IsIdle);
        _library.Fail("cuEventQuery", 600);
        Assert.False(end.IsReached);
        _library.Fail("cuStreamQuery", 600);
        Assert.False(other.IsIdle);
    }

    [ToolTheory("cc")]
    [InlineData("cuStreamCreate")]
    [InlineData("cuStreamSynchronize")]
    [InlineData("cuStreamQuery")]
    [InlineData("cuStreamWaitEvent")]
    [InlineData("cuStreamBeginCapture_v2")]
    [InlineData("cuStreamEndCapture")]
    [InlineData("cuEventCreate")]
    [InlineData("cuEventRecord")]
    [InlineData("cuEventQuery")]
    [InlineData("cuEventSynchronize")]
    [InlineData("cuEventElapsedTime")]
    [InlineData("cuModuleLoadDataEx")]
    [InlineData("cuModuleGetFunction")]
    [InlineData("cuFuncGetAttribute")]
    [InlineData("cuFuncSetAttribute")]
    [InlineData("cuLaunchKernel")]
    [InlineData("cuGraphGetNodes")]
    [InlineData("cuGraphInstantiateWithFlags")]
    [InlineData("cuGraphLaunch")]
    [InlineData("cuMemPoolCreate")]
    [InlineData("cuMemPoolSetAttribute")]
    [InlineData("cuMemPoolGetAttribute")]
    [InlineData("cuMemPoolTrimTo")]
    [InlineData("cuMemAllocFromPoolAsync")]
    [InlineData("cuMemHostAlloc")]
    [InlineData("cuMemcpyHtoDAsync_v2")]
    [InlineData("cuMemcpyDtoHAsync_v2")]
    [InlineData("cuMemcpyDtoDAsync_v2")]
    [InlineData("cuMemsetD8Async")]
    [InlineData("cuMemGetInfo_v2")]
    [InlineData("cuCtxSetCurrent")]
    [InlineData("cuCtxSynchronize")]
    [InlineData("cuDevicePrimaryCtxRetain")]
    public void A_call_that_fails_is_named_with_its_code(string call)
    {
        _library.Fail(call, 999);

        CudaException exception = Assert.Throws<CudaException>(UseEverything);

        Assert.Equal((call, 999, "CUDA_ERROR_UNKNOWN"), (exception.Call, exception.Code, exception.Name));
        Assert.StartsWith($"{call}: 999 CUDA_ERROR_UNKNOWN (other error)", exception.Message);
    }

    private void UseEverything()
    {
        using PrimaryContext context = _library.OpenContext();
        context.MakeCurrent();
        _ = context.Memory;
        context.Synchronize();
        using CudaStream stream = new(context);
        using CudaEvent signal = new(context, timing: true);
        signal.Record(stream);
        stream.Wait(signal);
        signal.Synchronize();
        _ = signal.IsReached && stream.IsIdle && signal.MillisecondsTo(signal) > 0;
        using MemoryPool pool = new(context);
        using DeviceBuffer buffer = pool.Allocate(4, stream);
        using PinnedBuffer pinned = new(context, 4);
        _ = pool.UsedBytes;
        pool.Trim();
        buffer.Fill(0, stream);
        buffer.CopyFrom(pinned.Bytes, stream);
        buffer.CopyTo(pinned, 4, stream);
        buffer.CopyTo(buffer, 4, stream);
        using CudaModule module = new(context, "test.ptx", Encoding.ASCII.GetBytes(Ptx));
        CudaFunction kernel = module.Function("scale");
        kernel.AllowSharedBytes(kernel.RegistersPerThread);
        Launch(kernel);
        using CudaGraph graph = stream.Capture(_ => { });
        _ = graph.NodeCount;
        using CudaGraphExec executable = graph.Instantiate();
        executable.Launch(stream);
        stream.Synchronize();
    }

    private CudaModule Module(string ptx) => new(_context, "test.ptx", Encoding.ASCII.GetBytes(ptx));

    private void Launch(CudaFunction kernel)
    {
        KernelArguments arguments = new(stackalloc byte[8]);
        arguments.Add(1);
        kernel.Launch(_stream, new LaunchShape(1, 1, 1, 32), arguments);
    }
}
