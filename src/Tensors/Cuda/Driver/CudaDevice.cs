using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>A GPU and what the driver tells about it.</summary>
internal sealed unsafe class CudaDevice
{
    /// <summary>BF16 matrix instructions and asynchronous copies to shared memory: Ampere.</summary>
    public static readonly Version OldestArchitecture = new(8, 0);

    private const int TextLength = 256, UuidLength = 16, Prohibited = 2;

    private readonly DriverApi _api;

    public CudaDevice(DriverApi api, int index)
    {
        _api = api;
        Index = index;
        int device = 0;
        api.Check("cuDeviceGet", api.DeviceGet(&device, index));
        Handle = device;

        byte* text = stackalloc byte[TextLength];
        api.Check("cuDeviceGetName", api.DeviceGetName(text, TextLength, device));
        Name = Marshal.PtrToStringUTF8((nint)text)!;
        api.Check("cuDeviceGetPCIBusId", api.DeviceGetPciBusId(text, TextLength, device));
        PciBusId = Marshal.PtrToStringUTF8((nint)text)!;
        api.Check("cuDeviceGetUuid_v2", api.DeviceGetUuid(text, device));
        Uuid = new Guid(new ReadOnlySpan<byte>(text, UuidLength), bigEndian: true);
        nuint bytes = 0;
        api.Check("cuDeviceTotalMem_v2", api.DeviceTotalMemory(&bytes, device));
        MemoryBytes = (long)bytes;
        Architecture = new Version(Attribute(DeviceAttribute.ComputeCapabilityMajor), Attribute(DeviceAttribute.ComputeCapabilityMinor));
    }

    /// <summary>The N of cuda:N.</summary>
    public int Index { get; }

    /// <summary>CUdevice.</summary>
    public int Handle { get; }

    /// <summary>Product name, such as NVIDIA H200.</summary>
    public string Name { get; }

    /// <summary>Domain, bus, device and function: 0000:1B:00.0.</summary>
    public string PciBusId { get; }

    /// <summary>Of the GPU or, where it is divided, of the MIG instance.</summary>
    public Guid Uuid { get; }

    /// <summary>All memory, used or not.</summary>
    public long MemoryBytes { get; }

    /// <summary>Compute capability.</summary>
    public Version Architecture { get; }

    /// <summary>A number that the driver knows of this GPU.</summary>
    public int Attribute(DeviceAttribute attribute)
    {
        int value = 0;
        _api.Check("cuDeviceGetAttribute", _api.DeviceGetAttribute(&value, (int)attribute, Handle));
        return value;
    }

    /// <summary>Why this GPU cannot be used, or null where it can.</summary>
    public string? Unusable() =>
        Architecture < OldestArchitecture ? $"cuda:{Index} ({Name}) has compute capability {Architecture}; {OldestArchitecture} (Ampere) or newer is needed"
        : Attribute(DeviceAttribute.MemoryPools) == 0 ? $"cuda:{Index} ({Name}) has no memory pools; its driver or virtualisation lacks them"
        : Attribute(DeviceAttribute.ComputeMode) == Prohibited ? $"cuda:{Index} ({Name}) is in compute mode PROHIBITED; nvidia-smi -c 0 allows it again"
        : null;
}
