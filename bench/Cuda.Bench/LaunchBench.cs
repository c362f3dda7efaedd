using System.Diagnostics;
using Inference.Tensors.Cuda.Driver;

namespace Inference.Cuda.Bench;

/// <summary>What it costs to give a small kernel to the device, alone and as one of a graph.</summary>
internal static class LaunchBench
{
    private const int InGraph = 100, Count = 1024;

    public static void Run(PrimaryContext context, Stopwatches watches)
    {
        CudaStream stream = watches.Stream;
        long start = Stopwatch.GetTimestamp();
        using CudaModule module = new(context, "AddIndex.ptx", PtxResource.Read(typeof(LaunchBench).Assembly, "AddIndex.ptx"));
        Table.Row("module from PTX, or the driver's cache", $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F1} ms");
        CudaFunction kernel = module.Function("add_index");
        using MemoryPool pool = new(context);
        using DeviceBuffer values = pool.Allocate(Count * sizeof(int), stream);
        values.Fill(0, stream);
        Table.Row("launch", $"{watches.Measure(() => Launch(kernel, values, stream)) * 1e6:F2} us");

        using CudaGraph graph = stream.Capture(s =>
        {
            for (int i = 0; i < InGraph; i++)
            {
                Launch(kernel, values, s);
            }
        });
        using CudaGraphExec executable = graph.Instantiate();
        Table.Row($"launch, one of {InGraph} in a graph", $"{watches.Measure(() => executable.Launch(stream)) / InGraph * 1e6:F2} us");
    }

    private static void Launch(CudaFunction kernel, DeviceBuffer values, CudaStream stream)
    {
        KernelArguments arguments = new(stackalloc byte[16]);
        arguments.Add(values);
        arguments.Add(Count);
        kernel.Launch(stream, new LaunchShape(Count / 256, 1, 1, 256), arguments);
    }
}
