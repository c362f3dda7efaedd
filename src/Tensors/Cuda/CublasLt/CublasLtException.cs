namespace Inference.Tensors.Cuda.CublasLt;

/// <summary>A call of cuBLASLt failed.</summary>
/// <param name="call">Entry point.</param>
/// <param name="code">Its cublasStatus_t.</param>
/// <param name="name">The code's name, from the library.</param>
/// <param name="detail">What was asked for, or null.</param>
public sealed class CublasLtException(string call, int code, string name, string? detail = null)
    : Exception($"{call}: {code} {name}{(detail is null ? "" : $": {detail}")}")
{
    /// <summary>Entry point that failed.</summary>
    public string Call { get; } = call;

    /// <summary>The cublasStatus_t.</summary>
    public int Code { get; } = code;
}
