using Inference.Tensors.Cuda.Driver;

namespace Inference.Cuda.Bench;

/// <summary>Bytes per second inside the device and to and from the host.</summary>
internal static class CopyBench
{
    private const int HostBytes = 256 << 20;

    /// <summary>Copies buffers of <paramref name="bytes"/>, which should be many times the device's cache.</summary>
    public static void Run(PrimaryContext context, Stopwatches watches, long bytes)
    {
        CudaStream stream = watches.Stream;
        using MemoryPool pool = new(context);
        using DeviceBuffer source = pool.Allocate(bytes, stream), target = pool.Allocate(bytes, stream);
        source.Fill(1, stream);
        Table.Row("copy on the device, read and written", Rate(2 * bytes, watches.Measure(() => source.CopyTo(target, bytes, stream))));
        Table.Row("fill on the device, written", Rate(bytes, watches.Measure(() => target.Fill(0, stream))));

        int length = (int)Math.Min(HostBytes, bytes);
        using PinnedBuffer host = new(context, length);
        host.Bytes.Fill(7);
        Table.Row("host to device, pinned", Rate(length, watches.Measure(() => target.CopyFrom(host.Bytes, stream))));
        Table.Row("device to host, pinned", Rate(length, watches.Measure(() => source.CopyTo(host, length, stream))));
        Table.Row("device to host, every byte right", host.Bytes.IndexOfAnyExcept((byte)1) < 0 ? "yes" : "NO");
    }

    private static string Rate(long bytes, double seconds) => $"{bytes / seconds / 1e9:F1} GB/s";
}
