namespace Inference.Tensors.Cuda.Driver;

/// <summary>A call of the CUDA driver failed.</summary>
public sealed class CudaException : Exception
{
    /// <summary>Words the failure: "cuMemHostAlloc: 2 CUDA_ERROR_OUT_OF_MEMORY (out of memory): detail".</summary>
    /// <param name="call">Entry point that failed.</param>
    /// <param name="code">Its CUresult.</param>
    /// <param name="name">Name of the code, from the driver.</param>
    /// <param name="text">Meaning of the code, from the driver.</param>
    /// <param name="detail">What was asked for, a compiler's log; or null.</param>
    internal CudaException(string call, int code, string name, string text, string? detail = null)
        : base($"{call}: {code} {name} ({text}){(string.IsNullOrEmpty(detail) ? "" : $": {detail}")}")
    {
        Call = call;
        Code = code;
        Name = name;
    }

    /// <summary>Entry point that failed, such as cuLaunchKernel. An asynchronous failure shows at a later call.</summary>
    public string Call { get; }

    /// <summary>The CUresult.</summary>
    public int Code { get; }

    /// <summary>The CUresult's name, such as CUDA_ERROR_OUT_OF_MEMORY.</summary>
    public string Name { get; }
}
