namespace Inference.Models.Architectures;

/// <summary>The norms of queries and keys before their rotation.</summary>
internal enum QueryKeyNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>Each head by itself, with one weight [headDimension] for all heads (Qwen3, Gemma 3).</summary>
    PerHead,

    /// <summary>All heads of a token together, with a weight [heads * headDimension] (OLMo 2).</summary>
    Whole,
}
