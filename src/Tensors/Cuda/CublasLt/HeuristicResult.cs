using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.CublasLt;

/// <summary>cublasLtMatmulHeuristicResult_t, 96 bytes: an algorithm and what it needs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HeuristicResult
{
    public fixed ulong Algorithm[8];
    public nuint WorkspaceBytes;
    public int State;
    public float Waves;
    public fixed int Reserved[4];
}
