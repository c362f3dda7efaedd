namespace Inference.Tensors.Cuda.CublasLt;

/// <summary>Numbers of cudaDataType_t (library_types.h of CUDA 12.4).</summary>
internal enum MatrixType
{
    F32 = 0,
    F16 = 2,
    BF16 = 14,
}
