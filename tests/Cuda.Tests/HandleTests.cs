using System.Runtime.CompilerServices;
using Inference.Cuda.Tests.Doubles;
using Inference.Tensors.Cuda.Driver;
using Inference.TestSupport;

namespace Inference.Cuda.Tests;

/// <summary>What is made is destroyed, once, in the right order and with its context current. The double refuses everything else.</summary>
public class HandleTests
{
    [ToolFact("cc")]
    public void What_is_disposed_of_in_any_order_is_destroyed_before_what_it_lives_in()
    {
        using DriverDouble library = new();
        PrimaryContext context = library.OpenContext();
        context.MakeCurrent();
        CudaStream stream = new(context);
        MemoryPool pool = new(context);
        DeviceBuffer buffer = pool.Allocate(64, stream);
        library.Forget();

        context.Dispose();
        stream.Dispose();
        pool.Dispose();
        Assert.Empty(library.Calls);
        buffer.Dispose();

        Assert.Equal("cuMemFreeAsync", library.Names[0]);
        Assert.Equal(["cuMemFreeAsync", "cuMemPoolDestroy", "cuStreamDestroy_v2"], library.Names[..3].Order(StringComparer.Ordinal));
        Assert.Equal("cuDevicePrimaryCtxRelease_v2 0", library.Calls[3]);
        Assert.Equal(4, library.Calls.Length);
    }

    [ToolFact("cc")]
    public void Everything_is_destroyed_once_with_its_context_current()
    {
        using DriverDouble library = new();
        using (PrimaryContext context = library.OpenContext())
        {
            CudaEvent signal = new(context, timing: true);
            CudaStream stream = new(context);
            PinnedBuffer pinned = new(context, 16);
            CudaModule module = new(context, "kernels", ".version 8.0"u8);
            library.Forget();

            signal.Dispose();
            signal.Dispose();
            stream.Dispose();
            pinned.Dispose();
            module.Dispose();

            Assert.Equal(["cuEventDestroy_v2", "cuStreamDestroy_v2", "cuMemFreeHost", "cuModuleUnload"], library.Names);
            Assert.Equal(
                ["cuCtxPushCurrent_v2", "cuEventDestroy_v2", "cuCtxPopCurrent_v2"], library.AllCalls[..3].Select(c => c.Split(' ')[0]));
            library.Forget();
        }

        Assert.Equal(["cuDevicePrimaryCtxRelease_v2"], library.Names);
    }

    [ToolFact("cc")]
    public void What_is_forgotten_is_destroyed_by_the_finalizers()
    {
        using DriverDouble library = new();
        Forget(library);
        for (int i = 0; i < 20 && !library.Names.Contains("cuDevicePrimaryCtxRelease_v2"); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Contains("cuMemFreeAsync", library.Names);
        Assert.Contains("cuStreamDestroy_v2", library.Names);
        Assert.Equal("cuDevicePrimaryCtxRelease_v2", library.Names[^1]);
    }

    [ToolFact("cc")]
    public void A_failed_creation_leaves_nothing_behind()
    {
        using DriverDouble library = new();
        using (PrimaryContext context = library.OpenContext())
        {
            library.Fail("cuStreamCreate", 2);
            Assert.Throws<CudaException>(() => new CudaStream(context));
            library.Forget();
        }

        Assert.Equal(["cuDevicePrimaryCtxRelease_v2"], library.Names);
    }

    [ToolFact("cc")]
    public void A_thread_keeps_its_context_where_something_is_made_in_another()
    {
        using DriverDouble library = new();
        library["devices"] = 2;
        CudaDriver driver = library.Open();
        using PrimaryContext context = new(driver.Api, driver.Devices[0]);

        Assert.Equal("cuCtxSynchronize", Assert.Throws<CudaException>(() => driver.Api.Check("cuCtxSynchronize", Synchronize(driver.Api))).Call);
        context.Synchronize();
        Assert.Equal(201, Synchronize(driver.Api));
        context.MakeCurrent();
        using CudaStream stream = new(context);
        Assert.Equal(0, Synchronize(driver.Api));
    }

    [ToolFact("cc")]
    public void What_is_destroyed_cannot_be_used()
    {
        using DriverDouble library = new();
        using PrimaryContext context = library.OpenContext();
        CudaStream stream = new(context);
        stream.Dispose();

        Assert.Equal("CudaStream", Assert.Throws<ObjectDisposedException>(stream.Synchronize).ObjectName);
    }

    private static unsafe int Synchronize(DriverApi api) => api.ContextSynchronize();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(DriverDouble library)
    {
        PrimaryContext context = library.OpenContext();
        context.MakeCurrent();
        CudaStream stream = new(context);
        MemoryPool pool = new(context);
        _ = pool.Allocate(64, stream);
    }
}
