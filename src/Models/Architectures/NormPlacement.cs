namespace Inference.Models.Architectures;

/// <summary>Where a block has its norms.</summary>
internal enum NormPlacement
{
    /// <summary>Before attention and feed-forward: x += attention(norm(x)).</summary>
    Before,

    /// <summary>Before and after: x += norm(attention(norm(x))) (Gemma 2 and 3).</summary>
    Around,

    /// <summary>After: x += norm(attention(x)) (OLMo 2).</summary>
    After,
}
