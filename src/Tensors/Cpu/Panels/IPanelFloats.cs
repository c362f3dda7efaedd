using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>Reads the 32 weights of a step k out of a panel of a float format, in AVX-512 registers.</summary>
internal unsafe interface IPanelFloats
{
    /// <summary>Bytes of two steps.</summary>
    static abstract int PairBytes { get; }

    /// <summary>Weights k of rows 0 to 15 of the panel.</summary>
    static abstract Vector512<float> Low(byte* panel, nint k);

    /// <summary>Weights k of rows 16 to 31 of the panel.</summary>
    static abstract Vector512<float> High(byte* panel, nint k);

    /// <summary>Packs steps k and on.</summary>
    /// <param name="dwords">
    /// Two blocks of 16 vectors, as <see cref="PanelPacking"/> gathers them: vector i of the first one has the i-th four bytes
    /// of rows 0 to 15, of the second one those of rows 16 to 31.
    /// </param>
    /// <param name="count">How many vectors of each block hold numbers.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="firstDword">The position in the rows of vector 0.</param>
    /// <param name="isKept">See <see cref="PanelPacking.Store"/>.</param>
    static abstract void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword, bool isKept);
}
