namespace Inference.Tensors.Cpu.Emit;

/// <summary>A place in emitted code that jumps go to; made by <see cref="Assembler"/>.</summary>
internal sealed class Label
{
    /// <summary>Position in the code, or -1 while it is not bound.</summary>
    public int Position { get; set; } = -1;

    /// <summary>Positions behind the 32-bit distances of jumps that wait for this to be bound.</summary>
    public List<int> Waiting { get; } = [];
}
