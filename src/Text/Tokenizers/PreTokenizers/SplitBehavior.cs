namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>What a split does with its matches; the names are those of tokenizer.json.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
