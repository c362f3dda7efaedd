using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Nvml;

/// <summary>nvmlPciInfo_t, 68 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NvmlPciInfo
{
    /// <summary>Bytes of the text, its end included.</summary>
    public const int BusIdLength = 32;

    public fixed byte LegacyBusId[16];
    public uint Domain;
    public uint Bus;
    public uint Device;
    public uint DeviceId;
    public uint SubsystemId;
    public fixed byte BusId[BusIdLength];
}
