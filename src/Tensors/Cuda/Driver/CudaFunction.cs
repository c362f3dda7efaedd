namespace Inference.Tensors.Cuda.Driver;

/// <summary>A kernel. It keeps its module referenced, but not loaded: disposing of the module ends it.</summary>
internal sealed unsafe class CudaFunction(CudaModule module, nint function, string name)
{
    private const int LocalBytes = 3, Registers = 4, MaximumDynamicSharedBytes = 8;

    private static readonly void* EndOfExtra = (void*)0, ArgumentBuffer = (void*)1, ArgumentLength = (void*)2;

    /// <summary>Name in the PTX.</summary>
    public string Name { get; } = name;

    /// <summary>Registers of a thread.</summary>
    public int RegistersPerThread => Attribute(Registers);

    /// <summary>Bytes that a thread spills to local memory.</summary>
    public int LocalBytesPerThread => Attribute(LocalBytes);

    /// <summary>Allows more than 48 KiB of dynamic shared memory.</summary>
    public void AllowSharedBytes(int bytes) =>
        module.Api.Check("cuFuncSetAttribute", module.Api.FunctionSetAttribute(Live(), MaximumDynamicSharedBytes, bytes));

    /// <summary>Gives the kernel to a stream of the calling thread's current context.</summary>
    /// <exception cref="CudaException">The launch is refused, or earlier work has failed.</exception>
    public void Launch(CudaStream stream, LaunchShape shape, scoped KernelArguments arguments)
    {
        nuint length = (nuint)arguments.Length;
        int code;
        fixed (byte* packed = arguments.Bytes)
        {
            void** extra = stackalloc void*[] { ArgumentBuffer, packed, ArgumentLength, &length, EndOfExtra };
            code = module.Api.LaunchKernel(
                Live(), shape.GridX, shape.GridY, shape.GridZ, shape.BlockX, shape.BlockY, 1, shape.SharedBytes, stream.Raw, null, extra);
        }

        if (code != (int)CudaError.Success)
        {
            throw module.Api.Failure("cuLaunchKernel", code, $"{Name}, {shape}, {length} bytes of arguments");
        }
    }

    private int Attribute(int attribute)
    {
        int value = 0;
        module.Api.Check("cuFuncGetAttribute", module.Api.FunctionGetAttribute(&value, attribute, Live()));
        return value;
    }

    private nint Live()
    {
        _ = module.Raw;
        return function;
    }
}
