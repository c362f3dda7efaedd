namespace Inference.Tensors;

/// <summary>The number formats that tensors are stored in. Quantised formats use the block layouts of GGUF.</summary>
public enum DType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>The upper half of a binary32.</summary>
    BF16,

    /// <summary>Blocks of 32: a binary16 scale d, then 32 signed bytes q; value = d * q. 34 bytes a block.</summary>
    Q8_0,

    /// <summary>
    /// Blocks of 32: a binary16 scale d, then 16 bytes; low nibbles are elements 0..15, high nibbles 16..31;
    /// value = d * (nibble - 8). 18 bytes a block.
    /// </summary>
    Q4_0,
}
