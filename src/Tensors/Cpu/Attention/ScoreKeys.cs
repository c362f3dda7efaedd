namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Up to four vectors of keys of a tile, and what is asked for while they are multiplied. Element i of vector c is at
/// Elements[c] + 16 i elements, its scale in Q8_0 at Scales[c] + 16 (i / 32). Each pointer of Values and Later stands for as many
/// bytes as a vector's keys.
/// </summary>
/// <param name="pointers">Room for 16 pointers.</param>
internal readonly unsafe ref struct ScoreKeys(byte** pointers)
{
    public byte** Elements { get; } = pointers;

    public float** Scales { get; } = (float**)(pointers + 4);

    /// <summary>The values of the same positions.</summary>
    public byte** Values { get; } = pointers + 8;

    /// <summary>Keys of later positions.</summary>
    public byte** Later { get; } = pointers + 12;
}
