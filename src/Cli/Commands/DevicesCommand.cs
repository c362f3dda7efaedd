using System.CommandLine;
using System.Globalization;
using Inference.Tensors.Cpu;
using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.Nvml;

namespace Inference.Cli.Commands;

/// <summary>`inference devices`: what this machine has to run models, and why what is missing is not there. Asks no server, starts nothing on a GPU.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        Option<string?> driver = new("--driver") { Description = "Path of libcuda.so.1; by default it is searched." };
        Option<string?> nvml = new("--nvml") { Description = "Path of libnvidia-ml.so.1; by default it is searched." };
        Option<string?> cublasLt = new("--cublaslt") { Description = "Path of libcublasLt.so; by default it is searched." };
        Command command = new("devices", "List what this machine has to run models.") { driver, nvml, cublasLt };
        command.SetAction(result =>
        {
            using (CpuBackend cpu = new(Environment.ProcessorCount))
            {
                Write("cpu", cpu.Name);
            }

            Write(CudaProbe.Look(new CudaLibraries(result.GetValue(driver), result.GetValue(nvml), result.GetValue(cublasLt))));
            Console.WriteLine("This version runs models on the CPU only: it has the edge to NVIDIA's driver, no CUDA backend yet.");
            return 0;
        });
        return command;
    }

    private static void Write(CudaReport report)
    {
        Write("cuda driver", report.Driver.IsFound ? report.Driver.Value : $"none: {report.Driver.Missing}");
        foreach (CudaDeviceFacts device in report.Devices)
        {
            Write($"cuda:{device.Index}", string.Create(CultureInfo.InvariantCulture, $"{device.Name}, compute capability {device.Architecture}, {Gibibytes(device.MemoryBytes)}, {device.Multiprocessors} multiprocessors, {device.L2Bytes >> 20} MiB L2, {device.MemoryBusBits}-bit memory, PCI {device.PciBusId}"));
            if (device.Unusable is not null)
            {
                Write("", $"not usable: {device.Unusable}");
            }
        }

        Write("nvml", report.Nvml.IsFound ? $"driver {report.Nvml.Value.DriverVersion}" : $"none: {report.Nvml.Missing}");
        foreach (NvmlDevice device in report.Nvml.Value?.Devices ?? [])
        {
            Write("", $"{device.Name}, {Gibibytes(device.FreeBytes)} of {Gibibytes(device.TotalBytes)} free, PCI {device.PciBusId}, {device.Uuid}, MIG {Mig(device.MigEnabled)}");
        }

        Write("cublasLt", report.CublasLt.IsFound ? report.CublasLt.Value : $"none: {report.CublasLt.Missing}");
    }

    private static void Write(string what, string text) => Console.WriteLine($"{what,-12} {text}");

    private static string Gibibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");

    private static string Mig(bool? enabled) => enabled switch
    {
        true => "on",
        false => "off",
        null => "not supported",
    };
}
