using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Inference.Tensors.Cuda.CublasLt;
using Inference.Tensors.Cuda.Driver;
using Inference.Tensors.Cuda.Nvml;

namespace Inference.Cuda.Tests;

/// <summary>
/// Sizes, offsets and numbers against those that a C compiler (gcc 12, x86-64) gave for the headers of CUDA 12.4.1: cuda.h (CUDA_VERSION 12040),
/// nvml.h (NVML_API_VERSION 12), cublasLt.h 12.4.5 and library_types.h.
/// </summary>
public class LayoutTests
{
    [Theory]
    [InlineData(typeof(MemoryPoolProperties), nameof(MemoryPoolProperties.AllocationType), 0)]
    [InlineData(typeof(MemoryPoolProperties), nameof(MemoryPoolProperties.HandleTypes), 4)]
    [InlineData(typeof(MemoryPoolProperties), nameof(MemoryPoolProperties.LocationType), 8)]
    [InlineData(typeof(MemoryPoolProperties), nameof(MemoryPoolProperties.LocationId), 12)]
    [InlineData(typeof(MemoryPoolProperties), nameof(MemoryPoolProperties.SecurityAttributes), 16)]
    [InlineData(typeof(MemoryPoolProperties), nameof(MemoryPoolProperties.MaximumBytes), 24)]
    [InlineData(typeof(NvmlMemory), nameof(NvmlMemory.Total), 0)]
    [InlineData(typeof(NvmlMemory), nameof(NvmlMemory.Free), 8)]
    [InlineData(typeof(NvmlMemory), nameof(NvmlMemory.Used), 16)]
    [InlineData(typeof(NvmlPciInfo), nameof(NvmlPciInfo.Domain), 16)]
    [InlineData(typeof(NvmlPciInfo), nameof(NvmlPciInfo.Bus), 20)]
    [InlineData(typeof(NvmlPciInfo), nameof(NvmlPciInfo.BusId), 36)]
    [InlineData(typeof(HeuristicResult), nameof(HeuristicResult.Algorithm), 0)]
    [InlineData(typeof(HeuristicResult), nameof(HeuristicResult.WorkspaceBytes), 64)]
    [InlineData(typeof(HeuristicResult), nameof(HeuristicResult.State), 72)]
    [InlineData(typeof(HeuristicResult), nameof(HeuristicResult.Waves), 76)]
    public void A_field_lies_where_the_header_puts_it(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public void Structs_have_the_headers_sizes()
    {
        Assert.Equal(88, Unsafe.SizeOf<MemoryPoolProperties>());
        Assert.Equal(24, Unsafe.SizeOf<NvmlMemory>());
        Assert.Equal(68, Unsafe.SizeOf<NvmlPciInfo>());
        Assert.Equal(96, Unsafe.SizeOf<HeuristicResult>());
    }

    [Fact]
    public void Results_have_the_headers_numbers() => Assert.Equal(
        [(0, "Success"), (1, "InvalidValue"), (2, "OutOfMemory"), (3, "NotInitialized"), (4, "Deinitialized"), (34, "StubLibrary"), (46, "DeviceUnavailable"), (100, "NoDevice"), (101, "InvalidDevice"), (209, "NoBinaryForGpu"), (218, "InvalidPtx"), (221, "JitCompilerNotFound"), (222, "UnsupportedPtxVersion"), (600, "NotReady"), (802, "SystemNotReady"), (803, "SystemDriverMismatch"), (804, "CompatNotSupportedOnDevice"), (999, "Unknown")],
        Enum.GetValues<CudaError>().Select(e => ((int)e, e.ToString())));

    [Fact]
    public void Attributes_have_the_headers_numbers() => Assert.Equal(
        [(16, "Multiprocessors"), (20, "ComputeMode"), (37, "MemoryBusBits"), (38, "L2Bytes"), (75, "ComputeCapabilityMajor"), (76, "ComputeCapabilityMinor"), (97, "SharedMemoryPerBlock"), (115, "MemoryPools")],
        Enum.GetValues<DeviceAttribute>().Select(e => ((int)e, e.ToString())));

    [Fact]
    public void Matrix_types_have_the_headers_numbers() =>
        Assert.Equal([(0, "F32"), (2, "F16"), (14, "BF16")], Enum.GetValues<MatrixType>().Select(e => ((int)e, e.ToString())));
}
