using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu;

/// <summary>Reads vectors of floats out of a row of a weight as it is stored.</summary>
internal unsafe interface IWeightFormat<V>
    where V : struct
{
    /// <summary>Asks for the memory that holds element <paramref name="k"/> of a row <paramref name="ahead"/> bytes further on.</summary>
    static abstract void Prefetch(byte* row, int k, nint ahead);

    /// <summary>The scales of the blocks of element <paramref name="k"/>, a multiple of 32; unused by formats without blocks.</summary>
    static abstract Vector128<float> Scales(in WeightRows rows, int k);

    /// <summary>Elements k to k + Count - 1; k is a multiple of Count.</summary>
    static abstract V Load(byte* row, int k, V scale);

    /// <summary>Elements k to k + count - 1, then zeros. Formats of blocks never come here: their rows are whole blocks.</summary>
    static abstract V LoadPartial(byte* row, int k, int count);
}
