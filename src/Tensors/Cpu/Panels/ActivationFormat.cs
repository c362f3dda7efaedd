namespace Inference.Tensors.Cpu.Panels;

/// <summary>How rows of x are encoded for the kernels of a <see cref="PanelFormat"/>: rounded, quantised, interleaved.</summary>
internal abstract unsafe class ActivationFormat
{
    /// <summary>Rows of the largest group: those of the kernel's largest tile.</summary>
    public abstract int GroupRows { get; }

    /// <summary>Bytes of a group of <paramref name="rows"/> rows.</summary>
    public abstract long GroupBytes(int rows, int columns);

    /// <summary>Encodes a group. A row's numbers do not depend on the other rows.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="ldx">Floats from a row to the next.</param>
    /// <param name="rows">Rows, 1 to GroupRows.</param>
    /// <param name="columns">Elements in a row.</param>
    /// <param name="group">The target, aligned to 64 bytes.</param>
    public abstract void Encode(float* x, nint ldx, int rows, int columns, byte* group);
}
