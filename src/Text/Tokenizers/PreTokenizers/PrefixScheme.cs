namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>Which pieces get a prefix.</summary>
internal enum PrefixScheme
{
    /// <summary>None.</summary>
    Never,

    /// <summary>The first of the whole input.</summary>
    First,

    /// <summary>All.</summary>
    Always,
}
