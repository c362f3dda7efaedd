// What a GPU can do at most, measured through the driver edge: the ceilings that kernels are judged by.
//   dotnet run -c Release --project bench/Cuda.Bench [-- --probe] [--device N] [--driver PATH] [--cublaslt PATH] [--seconds S]
// --probe only looks. Each figure is the median of several runs after one that does not count. Without a usable GPU it says why and exits with 3.
using System.Globalization;
using Inference.Cuda.Bench;
using Inference.Tensors.Cuda;
using Inference.Tensors.Cuda.Driver;

const int NoGpu = 3;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
try
{
    CudaDriver driver = new(Option("--driver"));
    int index = int.Parse(Option("--device") ?? "0");
    if (index >= driver.Devices.Count)
    {
        throw new DeviceUnavailableException($"cuda:{index} is not here; the driver shows {driver.Devices.Count} GPUs");
    }

    if (args.Contains("--probe"))
    {
        return driver.Devices[index].Unusable() is { } reason ? throw new DeviceUnavailableException(reason) : 0;
    }

    using PrimaryContext context = new(driver.Api, driver.Devices[index]);
    context.MakeCurrent();
    using Stopwatches watches = new(context, double.Parse(Option("--seconds") ?? "1"));
    Table.Row("device", $"{context.Device.Name}, compute capability {context.Device.Architecture}, CUDA {driver.Version}");
    CopyBench.Run(context, watches, long.Parse(Option("--bytes") ?? "1073741824"));
    LaunchBench.Run(context, watches);
    ProductBench.Run(context, watches, Option("--cublaslt"));
    return 0;
}
catch (DeviceUnavailableException exception)
{
    Console.Error.WriteLine($"no usable GPU: {exception.Message}");
    return NoGpu;
}
catch (CudaException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}
