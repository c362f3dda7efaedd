using System.Text;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// Kernels, compiled by the driver from PTX for its GPU. The driver keeps what it compiled (in ~/.nv/ComputeCache, or where CUDA_CACHE_PATH
/// says), so that only the first start after an update waits for it.
/// </summary>
internal sealed unsafe class CudaModule : DriverHandle
{
    private const int ErrorLogBuffer = 5, ErrorLogBytes = 6, LogLength = 16 << 10;

    /// <summary>Compiles and loads.</summary>
    /// <param name="context">Where the kernels run.</param>
    /// <param name="name">Name of the source, for messages.</param>
    /// <param name="ptx">PTX in ASCII.</param>
    /// <exception cref="CudaException">The PTX does not compile here: shows the compiler's log.</exception>
    public CudaModule(PrimaryContext context, string name, ReadOnlySpan<byte> ptx)
        : base(context.Api)
    {
        Context = context;
        byte[] source = [.. ptx, 0];
        byte[] log = new byte[LogLength];
        nint module = 0;
        int code = context.Within(() =>
        {
            nint made = 0;
            int result;
            fixed (byte* first = source, text = log)
            {
                int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBytes };
                void** values = stackalloc void*[] { text, (void*)LogLength };
                result = Api.ModuleLoadDataEx(&made, first, 2, options, values);
            }

            module = made;
            return result;
        });
        if (code != (int)CudaError.Success)
        {
            int end = Array.IndexOf(log, (byte)0);
            string words = Encoding.UTF8.GetString(log, 0, end < 0 ? log.Length : end).Trim();
            throw Api.Failure("cuModuleLoadDataEx", code, $"{name} on {context.Device.Name} ({context.Device.Architecture}){Hint((CudaError)code)}{(words.Length == 0 ? "" : Environment.NewLine + words)}");
        }

        Own(module, context);
    }

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>A kernel by its name in the PTX. It lives as long as the module.</summary>
    /// <exception cref="CudaException">There is none of this name.</exception>
    public CudaFunction Function(string name)
    {
        nint function = 0;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            int code = Api.ModuleGetFunction(&function, Raw, text);
            if (code != (int)CudaError.Success)
            {
                throw Api.Failure("cuModuleGetFunction", code, name);
            }
        }

        return new CudaFunction(this, function, name);
    }

    /// <inheritdoc/>
    protected override int Destroy() => Api.ModuleUnload(handle);

    private static string Hint(CudaError error) => error switch
    {
        CudaError.UnsupportedPtxVersion => ": the PTX is newer than the driver; update the driver",
        CudaError.NoBinaryForGpu => ": the PTX is for newer GPUs",
        CudaError.JitCompilerNotFound => ": libnvidia-ptxjitcompiler.so.1, a part of the driver, is not here",
        _ => "",
    };
}
