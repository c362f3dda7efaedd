namespace Inference.Text.Tokenizers;

/// <summary>A token that is found in the text as it is, before the vocabulary's rules apply.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="IsSpecial">Whether it is control, not text: parsed only on request and skipped in decoding on request.</param>
/// <param name="IsSingleWord">Whether it counts only when no word character touches it.</param>
/// <param name="StripsLeft">Whether it takes in the white space before it.</param>
/// <param name="StripsRight">Whether it takes in the white space after it.</param>
/// <param name="IsNormalized">Whether it is found in the normalized text instead of the raw one.</param>
public sealed record AddedToken(
    int Id,
    string Content,
    bool IsSpecial = false,
    bool IsSingleWord = false,
    bool StripsLeft = false,
    bool StripsRight = false,
    bool IsNormalized = false);
