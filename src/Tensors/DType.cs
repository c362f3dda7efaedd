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

    /// <summary>
    /// Blocks of 32: binary16 scale d and offset m, then 16 bytes of nibbles as in Q4_0; value = d * nibble + m. 20 bytes a block.
    /// </summary>
    Q4_1,

    /// <summary>
    /// Blocks of 32: a binary16 scale d, 32 fifth bits (bit i: element i), then 16 bytes of nibbles as in Q4_0;
    /// value = d * (quant - 16). 22 bytes a block.
    /// </summary>
    Q5_0,

    /// <summary>
    /// Blocks of 32: binary16 scale d and offset m, 32 fifth bits, 16 bytes of nibbles; value = d * quant + m. 24 bytes a block.
    /// </summary>
    Q5_1,

    /// <summary>
    /// Blocks of 256 in 8 sub-blocks of 32: binary16 scales d and e, 8 pairs of 6-bit s and t in 12 bytes, 128 bytes of nibbles;
    /// value = d * s * nibble - e * t. Bytes 32j to 32j + 31 hold sub-block 2j in their low nibbles and 2j + 1 in their high
    /// ones. 144 bytes a block.
    /// </summary>
    Q4_K,

    /// <summary>
    /// As Q4_K with 32 bytes of fifth bits before the nibbles: bit j of byte i belongs to element i of sub-block j. 176 bytes a block.
    /// </summary>
    Q5_K,

    /// <summary>
    /// Blocks of 256 in 16 sub-blocks of 16: 128 bytes of low nibbles, 64 bytes of the two high bits, 16 signed bytes s, a
    /// binary16 scale d; value = d * s * (quant - 32). In each half of 128 elements, byte i of 64 holds elements i (low nibble)
    /// and i + 64 (high), and byte i of 32 the high bits of i, i + 32, i + 64, i + 96. 210 bytes a block.
    /// </summary>
    Q6_K,
}
