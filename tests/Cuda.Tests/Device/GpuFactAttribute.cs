using Inference.Tensors.Cuda;

namespace Inference.Cuda.Tests.Device;

/// <summary>A test on the GPU cuda:0 of this machine, skipped with the reason where none can be used.</summary>
public sealed class GpuFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(Look);

    public GpuFactAttribute() => Skip = Missing.Value;

    private static string? Look()
    {
        try
        {
            _ = CudaProbe.Require(0, new CudaLibraries());
            return null;
        }
        catch (DeviceUnavailableException exception)
        {
            return exception.Message;
        }
    }
}
