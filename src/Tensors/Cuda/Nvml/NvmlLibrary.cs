using System.Runtime.InteropServices;
using System.Text;
using Inference.Tensors.Cuda.Driver;

namespace Inference.Tensors.Cuda.Nvml;

/// <summary>The few entry points of libnvidia-ml that are used, as nvml.h of CUDA 12.4 declares them.</summary>
internal sealed unsafe class NvmlLibrary
{
    private const int Success = 0, NotSupported = 3, TextLength = 96;

    private readonly delegate* unmanaged<int> _init, _shutdown;
    private readonly delegate* unmanaged<int, byte*> _errorString;
    private readonly delegate* unmanaged<byte*, uint, int> _driverVersion;
    private readonly delegate* unmanaged<uint*, int> _count;
    private readonly delegate* unmanaged<uint, nint*, int> _handle;
    private readonly delegate* unmanaged<nint, byte*, uint, int> _name, _uuid;
    private readonly delegate* unmanaged<nint, NvmlMemory*, int> _memory;
    private readonly delegate* unmanaged<nint, NvmlPciInfo*, int> _pci;
    private readonly delegate* unmanaged<nint, uint*, uint*, int> _migMode;

    /// <summary>Loads the library.</summary>
    /// <exception cref="DeviceUnavailableException">There is none, or it is too old.</exception>
    public NvmlLibrary(string? path = null, LibraryPlaces? places = null)
    {
        LoadedLibrary library = LoadedLibrary.Load("NVIDIA's management library (libnvidia-ml.so.1)", (places ?? LibraryPlaces.System).ForNvml(path));
        EntryPoints entry = new(library);
        _init = (delegate* unmanaged<int>)entry["nvmlInit_v2"];
        _shutdown = (delegate* unmanaged<int>)entry["nvmlShutdown"];
        _errorString = (delegate* unmanaged<int, byte*>)entry["nvmlErrorString"];
        _driverVersion = (delegate* unmanaged<byte*, uint, int>)entry["nvmlSystemGetDriverVersion"];
        _count = (delegate* unmanaged<uint*, int>)entry["nvmlDeviceGetCount_v2"];
        _handle = (delegate* unmanaged<uint, nint*, int>)entry["nvmlDeviceGetHandleByIndex_v2"];
        _name = (delegate* unmanaged<nint, byte*, uint, int>)entry["nvmlDeviceGetName"];
        _uuid = (delegate* unmanaged<nint, byte*, uint, int>)entry["nvmlDeviceGetUUID"];
        _memory = (delegate* unmanaged<nint, NvmlMemory*, int>)entry["nvmlDeviceGetMemoryInfo"];
        _pci = (delegate* unmanaged<nint, NvmlPciInfo*, int>)entry["nvmlDeviceGetPciInfo_v3"];
        _migMode = (delegate* unmanaged<nint, uint*, uint*, int>)entry["nvmlDeviceGetMigMode"];
        entry.ThrowIfMissing("a driver for CUDA 12.0 (R525) or newer");
    }

    /// <summary>Asks for everything, between an initialisation and a shutdown of its own.</summary>
    /// <exception cref="DeviceUnavailableException">A call failed: names it, with the library's words.</exception>
    public NvmlReport Read()
    {
        Check("nvmlInit_v2", _init());
        try
        {
            byte* text = stackalloc byte[TextLength];
            Check("nvmlSystemGetDriverVersion", _driverVersion(text, TextLength));
            string driver = Text(text, TextLength);
            uint count = 0;
            Check("nvmlDeviceGetCount_v2", _count(&count));
            return new NvmlReport(driver, [.. Enumerable.Range(0, (int)count).Select(i => Device((uint)i))]);
        }
        finally
        {
            _ = _shutdown();
        }
    }

    private NvmlDevice Device(uint index)
    {
        nint device = 0;
        Check("nvmlDeviceGetHandleByIndex_v2", _handle(index, &device));
        byte* text = stackalloc byte[TextLength];
        Check("nvmlDeviceGetName", _name(device, text, TextLength));
        string name = Text(text, TextLength);
        Check("nvmlDeviceGetUUID", _uuid(device, text, TextLength));
        string uuid = Text(text, TextLength);
        NvmlMemory memory = default;
        Check("nvmlDeviceGetMemoryInfo", _memory(device, &memory));
        NvmlPciInfo pci = default;
        Check("nvmlDeviceGetPciInfo_v3", _pci(device, &pci));
        uint current = 0, pending = 0;
        int mig = _migMode(device, &current, &pending);
        if (mig != NotSupported)
        {
            Check("nvmlDeviceGetMigMode", mig);
        }

        return new NvmlDevice(name, uuid, Text(pci.BusId, NvmlPciInfo.BusIdLength), (long)memory.Total, (long)memory.Free, mig == Success ? current != 0 : null);
    }

    private void Check(string call, int code)
    {
        if (code != Success)
        {
            throw new DeviceUnavailableException($"{call}: {code} ({Marshal.PtrToStringUTF8((nint)_errorString(code))})");
        }
    }

    private static string Text(byte* text, int length)
    {
        ReadOnlySpan<byte> bytes = new(text, length);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
