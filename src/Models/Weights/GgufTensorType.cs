using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>A number format of GGUF: its size is needed even where its numbers cannot be read.</summary>
/// <param name="Id">Number in files (ggml_type).</param>
/// <param name="Name">ggml's name.</param>
/// <param name="BlockLength">Elements in a block.</param>
/// <param name="BlockBytes">Bytes in a block.</param>
/// <param name="Type">The format as kernels know it, or null.</param>
internal sealed record GgufTensorType(uint Id, string Name, int BlockLength, int BlockBytes, DType? Type = null)
{
    private static readonly GgufTensorType[] All =
    [
        new(0, "F32", 1, 4, DType.F32), new(1, "F16", 1, 2, DType.F16), new(2, "Q4_0", 32, 18, DType.Q4_0), new(3, "Q4_1", 32, 20, DType.Q4_1),
        new(6, "Q5_0", 32, 22, DType.Q5_0), new(7, "Q5_1", 32, 24, DType.Q5_1), new(8, "Q8_0", 32, 34, DType.Q8_0), new(9, "Q8_1", 32, 36),
        new(10, "Q2_K", 256, 84), new(11, "Q3_K", 256, 110), new(12, "Q4_K", 256, 144, DType.Q4_K), new(13, "Q5_K", 256, 176, DType.Q5_K),
        new(14, "Q6_K", 256, 210, DType.Q6_K), new(15, "Q8_K", 256, 292), new(16, "IQ2_XXS", 256, 66), new(17, "IQ2_XS", 256, 74),
        new(18, "IQ3_XXS", 256, 98), new(19, "IQ1_S", 256, 50), new(20, "IQ4_NL", 32, 18), new(21, "IQ3_S", 256, 110),
        new(22, "IQ2_S", 256, 82), new(23, "IQ4_XS", 256, 136), new(24, "I8", 1, 1), new(25, "I16", 1, 2), new(26, "I32", 1, 4),
        new(27, "I64", 1, 8), new(28, "F64", 1, 8), new(29, "IQ1_M", 256, 56), new(30, "BF16", 1, 2, DType.BF16),
        new(34, "TQ1_0", 256, 54), new(35, "TQ2_0", 256, 66), new(39, "MXFP4", 32, 17),
    ];

    /// <summary>The format with a number, or null.</summary>
    public static GgufTensorType? Find(uint id) => Array.Find(All, t => t.Id == id);

    /// <summary>The format's number in files.</summary>
    public static uint IdOf(DType type) => Array.Find(All, t => t.Type == type)!.Id;
}
