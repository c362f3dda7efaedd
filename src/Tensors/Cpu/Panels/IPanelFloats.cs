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

    /// <summary>
    /// Packs steps k and on of 16 rows: dwords[i], as <see cref="PanelPacking"/> gathered them, are the i-th 4 bytes of each row.
    /// </summary>
    /// <param name="dwords">Up to 16 vectors.</param>
    /// <param name="count">How many.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="firstDword">The position in the rows of dwords[0].</param>
    /// <param name="upper">The rows are 16 to 31 of the panel.</param>
    static abstract void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword, bool upper);
}
