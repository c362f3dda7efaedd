namespace Inference.Tensors;

/// <summary>Which elements of a head are rotated together.</summary>
public enum RotaryStyle
{
    /// <summary>Pairs (i, i + dimension / 2): Hugging Face checkpoints, GGUF's NEOX.</summary>
    HalfSplit,

    /// <summary>Pairs (2i, 2i + 1): Meta's original layout, llama2.c, GGUF files of the llama architecture.</summary>
    Interleaved,
}
