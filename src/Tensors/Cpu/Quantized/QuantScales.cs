namespace Inference.Tensors.Cpu.Quantized;

/// <summary>What a panel of quantised weights holds beside the quants, for each of its 32 rows.</summary>
internal enum QuantScales
{
    /// <summary>A block of 32: a binary16 scale.</summary>
    Half,

    /// <summary>A block of 32: a binary16 scale and a binary16 offset, which is added.</summary>
    HalfAndOffset,

    /// <summary>A block of 32: a byte for the scale and one for the offset; eight blocks: the binary16 units of both (that of the offset negative).</summary>
    ByteAndOffset,

    /// <summary>Half a block, 16 elements: a signed byte; eight blocks: the binary16 unit.</summary>
    HalfBlockByte,
}
