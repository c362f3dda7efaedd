using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// Something that the driver made and must destroy. It keeps what it was made in alive (a stream its context, a buffer
/// its stream and pool), whichever is disposed of first, and finalizers may run in any order. Not for two threads at once.
/// </summary>
internal abstract class DriverHandle(DriverApi api) : SafeHandle(0, ownsHandle: true)
{
    private DriverHandle[] _owners = [];

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The entry points.</summary>
    public DriverApi Api { get; } = api;

    /// <summary>The driver's handle, or the device's address.</summary>
    /// <exception cref="ObjectDisposedException">It is destroyed, or was never made.</exception>
    public nint Raw => IsClosed || IsInvalid ? throw new ObjectDisposedException(GetType().Name) : handle;

    /// <summary>The context that must be current when this is destroyed, or null for none.</summary>
    protected abstract PrimaryContext? Context { get; }

    /// <summary>Takes over what the driver made.</summary>
    /// <param name="made">The driver's handle, not 0.</param>
    /// <param name="owners">What must be destroyed later than this.</param>
    protected void Own(nint made, params DriverHandle[] owners)
    {
        foreach (DriverHandle owner in owners)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
        }

        _owners = owners;
        SetHandle(made);
    }

    /// <summary>Destroys it. The result is a CUresult.</summary>
    protected abstract int Destroy();

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        int code = Context is null ? Destroy() : Context.Within(Destroy);
        foreach (DriverHandle owner in _owners)
        {
            owner.DangerousRelease();
        }

        return code is (int)CudaError.Success or (int)CudaError.Deinitialized; // A driver that is gone took everything with it.
    }
}
