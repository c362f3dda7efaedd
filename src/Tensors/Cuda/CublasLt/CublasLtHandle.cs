using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.CublasLt;

/// <summary>Something that cuBLASLt made, with the call that destroys it.</summary>
internal sealed unsafe class CublasLtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, int> _destroy;

    public CublasLtHandle(nint made, delegate* unmanaged<nint, int> destroy)
        : base(0, ownsHandle: true)
    {
        _destroy = destroy;
        SetHandle(made);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The library's handle.</summary>
    /// <exception cref="ObjectDisposedException">It is destroyed.</exception>
    public nint Raw => IsClosed ? throw new ObjectDisposedException(nameof(CublasLtHandle)) : handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => _destroy(handle) == 0;
}
