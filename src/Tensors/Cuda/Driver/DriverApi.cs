using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// The entry points of libcuda that are used, by their exported (versioned) names, as cuda.h of CUDA 12.4 declares them. All are in CUDA
/// 12.0. Handles and device addresses are 64 bits wide, CUdevice and CUresult 32. Calls do not allocate.
/// </summary>
internal sealed unsafe class DriverApi
{
    /// <summary>What drivers must support: 12.0, driver R525.</summary>
    public const int OldestVersion = 12000;

    private const string Needed = "a driver for CUDA 12.0 (R525) or newer";

    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int> DriverGetVersion;
    public readonly delegate* unmanaged<int, byte**, int> GetErrorName, GetErrorString;

    public readonly delegate* unmanaged<int*, int> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName, DeviceGetPciBusId;
    public readonly delegate* unmanaged<byte*, int, int> DeviceGetUuid;
    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMemory;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;

    public readonly delegate* unmanaged<nint*, int, int> PrimaryContextRetain;
    public readonly delegate* unmanaged<int, int> PrimaryContextRelease;
    public readonly delegate* unmanaged<nint, int> ContextSetCurrent, ContextPush;
    public readonly delegate* unmanaged<nint*, int> ContextPop;
    public readonly delegate* unmanaged<int> ContextSynchronize;
    public readonly delegate* unmanaged<nuint*, nuint*, int> MemoryGetInfo;

    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate, EventCreate;
    public readonly delegate* unmanaged<nint, int> StreamDestroy, StreamSynchronize, StreamQuery, EventDestroy, EventSynchronize, EventQuery;
    public readonly delegate* unmanaged<nint, nint, uint, int> StreamWaitEvent;
    public readonly delegate* unmanaged<nint, int, int> StreamBeginCapture;
    public readonly delegate* unmanaged<nint, nint*, int> StreamEndCapture;
    public readonly delegate* unmanaged<nint, nint, int> EventRecord;
    public readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime;

    public readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> ModuleLoadDataEx;
    public readonly delegate* unmanaged<nint, int> ModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<int*, int, nint, int> FunctionGetAttribute;
    public readonly delegate* unmanaged<nint, int, int, int> FunctionSetAttribute;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;

    public readonly delegate* unmanaged<nint, nint*, nuint*, int> GraphGetNodes;
    public readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate;
    public readonly delegate* unmanaged<nint, nint, int> GraphLaunch;
    public readonly delegate* unmanaged<nint, int> GraphDestroy, GraphExecDestroy;

    public readonly delegate* unmanaged<nint*, MemoryPoolProperties*, int> MemoryPoolCreate;
    public readonly delegate* unmanaged<nint, int> MemoryPoolDestroy;
    public readonly delegate* unmanaged<nint, int, void*, int> MemoryPoolSetAttribute, MemoryPoolGetAttribute;
    public readonly delegate* unmanaged<nint, nuint, int> MemoryPoolTrimTo;
    public readonly delegate* unmanaged<nint*, nuint, nint, nint, int> MemoryAllocateFromPoolAsync;
    public readonly delegate* unmanaged<nint, nint, int> MemoryFreeAsync;
    public readonly delegate* unmanaged<void**, nuint, uint, int> MemoryHostAllocate;
    public readonly delegate* unmanaged<void*, int> MemoryFreeHost;
    public readonly delegate* unmanaged<nint, void*, nuint, nint, int> CopyHostToDeviceAsync;
    public readonly delegate* unmanaged<void*, nint, nuint, nint, int> CopyDeviceToHostAsync;
    public readonly delegate* unmanaged<nint, nint, nuint, nint, int> CopyDeviceToDeviceAsync;
    public readonly delegate* unmanaged<nint, byte, nuint, nint, int> FillAsync;

    /// <summary>Binds all entry points.</summary>
    /// <exception cref="DeviceUnavailableException">Some are missing.</exception>
    public DriverApi(LoadedLibrary library)
    {
        EntryPoints entry = new(library);
        Init = (delegate* unmanaged<uint, int>)entry["cuInit"];
        DriverGetVersion = (delegate* unmanaged<int*, int>)entry["cuDriverGetVersion"];
        GetErrorName = (delegate* unmanaged<int, byte**, int>)entry["cuGetErrorName"];
        GetErrorString = (delegate* unmanaged<int, byte**, int>)entry["cuGetErrorString"];
        DeviceGetCount = (delegate* unmanaged<int*, int>)entry["cuDeviceGetCount"];
        DeviceGet = (delegate* unmanaged<int*, int, int>)entry["cuDeviceGet"];
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)entry["cuDeviceGetName"];
        DeviceGetPciBusId = (delegate* unmanaged<byte*, int, int, int>)entry["cuDeviceGetPCIBusId"];
        DeviceGetUuid = (delegate* unmanaged<byte*, int, int>)entry["cuDeviceGetUuid_v2"];
        DeviceTotalMemory = (delegate* unmanaged<nuint*, int, int>)entry["cuDeviceTotalMem_v2"];
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)entry["cuDeviceGetAttribute"];
        PrimaryContextRetain = (delegate* unmanaged<nint*, int, int>)entry["cuDevicePrimaryCtxRetain"];
        PrimaryContextRelease = (delegate* unmanaged<int, int>)entry["cuDevicePrimaryCtxRelease_v2"];
        ContextSetCurrent = (delegate* unmanaged<nint, int>)entry["cuCtxSetCurrent"];
        ContextPush = (delegate* unmanaged<nint, int>)entry["cuCtxPushCurrent_v2"];
        ContextPop = (delegate* unmanaged<nint*, int>)entry["cuCtxPopCurrent_v2"];
        ContextSynchronize = (delegate* unmanaged<int>)entry["cuCtxSynchronize"];
        MemoryGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)entry["cuMemGetInfo_v2"];
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)entry["cuStreamCreate"];
        StreamDestroy = (delegate* unmanaged<nint, int>)entry["cuStreamDestroy_v2"];
        StreamSynchronize = (delegate* unmanaged<nint, int>)entry["cuStreamSynchronize"];
        StreamQuery = (delegate* unmanaged<nint, int>)entry["cuStreamQuery"];
        StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)entry["cuStreamWaitEvent"];
        StreamBeginCapture = (delegate* unmanaged<nint, int, int>)entry["cuStreamBeginCapture_v2"];
        StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)entry["cuStreamEndCapture"];
        EventCreate = (delegate* unmanaged<nint*, uint, int>)entry["cuEventCreate"];
        EventDestroy = (delegate* unmanaged<nint, int>)entry["cuEventDestroy_v2"];
        EventRecord = (delegate* unmanaged<nint, nint, int>)entry["cuEventRecord"];
        EventQuery = (delegate* unmanaged<nint, int>)entry["cuEventQuery"];
        EventSynchronize = (delegate* unmanaged<nint, int>)entry["cuEventSynchronize"];
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)entry["cuEventElapsedTime"];
        ModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)entry["cuModuleLoadDataEx"];
        ModuleUnload = (delegate* unmanaged<nint, int>)entry["cuModuleUnload"];
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)entry["cuModuleGetFunction"];
        FunctionGetAttribute = (delegate* unmanaged<int*, int, nint, int>)entry["cuFuncGetAttribute"];
        FunctionSetAttribute = (delegate* unmanaged<nint, int, int, int>)entry["cuFuncSetAttribute"];
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)entry["cuLaunchKernel"];
        GraphGetNodes = (delegate* unmanaged<nint, nint*, nuint*, int>)entry["cuGraphGetNodes"];
        GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)entry["cuGraphInstantiateWithFlags"];
        GraphLaunch = (delegate* unmanaged<nint, nint, int>)entry["cuGraphLaunch"];
        GraphDestroy = (delegate* unmanaged<nint, int>)entry["cuGraphDestroy"];
        GraphExecDestroy = (delegate* unmanaged<nint, int>)entry["cuGraphExecDestroy"];
        MemoryPoolCreate = (delegate* unmanaged<nint*, MemoryPoolProperties*, int>)entry["cuMemPoolCreate"];
        MemoryPoolDestroy = (delegate* unmanaged<nint, int>)entry["cuMemPoolDestroy"];
        MemoryPoolSetAttribute = (delegate* unmanaged<nint, int, void*, int>)entry["cuMemPoolSetAttribute"];
        MemoryPoolGetAttribute = (delegate* unmanaged<nint, int, void*, int>)entry["cuMemPoolGetAttribute"];
        MemoryPoolTrimTo = (delegate* unmanaged<nint, nuint, int>)entry["cuMemPoolTrimTo"];
        MemoryAllocateFromPoolAsync = (delegate* unmanaged<nint*, nuint, nint, nint, int>)entry["cuMemAllocFromPoolAsync"];
        MemoryFreeAsync = (delegate* unmanaged<nint, nint, int>)entry["cuMemFreeAsync"];
        MemoryHostAllocate = (delegate* unmanaged<void**, nuint, uint, int>)entry["cuMemHostAlloc"];
        MemoryFreeHost = (delegate* unmanaged<void*, int>)entry["cuMemFreeHost"];
        CopyHostToDeviceAsync = (delegate* unmanaged<nint, void*, nuint, nint, int>)entry["cuMemcpyHtoDAsync_v2"];
        CopyDeviceToHostAsync = (delegate* unmanaged<void*, nint, nuint, nint, int>)entry["cuMemcpyDtoHAsync_v2"];
        CopyDeviceToDeviceAsync = (delegate* unmanaged<nint, nint, nuint, nint, int>)entry["cuMemcpyDtoDAsync_v2"];
        FillAsync = (delegate* unmanaged<nint, byte, nuint, nint, int>)entry["cuMemsetD8Async"];
        entry.ThrowIfMissing(Needed);
    }

    /// <summary>Throws unless a call succeeded.</summary>
    /// <param name="call">Name of the entry point.</param>
    /// <param name="code">Its CUresult.</param>
    /// <exception cref="CudaException">It did not.</exception>
    public void Check(string call, int code)
    {
        if (code != (int)CudaError.Success)
        {
            throw Failure(call, code);
        }
    }

    /// <summary>The exception for a failed call, in the driver's words.</summary>
    public CudaException Failure(string call, int code, string? detail = null) =>
        new(call, code, Words(GetErrorName, code), Words(GetErrorString, code), detail);

    private static string Words(delegate* unmanaged<int, byte**, int> source, int code)
    {
        byte* text = null;
        return source(code, &text) == (int)CudaError.Success && text is not null ? Marshal.PtrToStringUTF8((nint)text)! : "unknown to this driver";
    }
}
