namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>A text and the pieces it is cut into so far; what lies between pieces is dropped.</summary>
internal ref struct PreTokenizedText(ReadOnlySpan<char> text, bool atStart)
{
    public ReadOnlySpan<char> Text { get; set; } = text;

    public List<(int Start, int Length)> Pieces { get; set; } = [(0, text.Length)];

    /// <summary>Whether the text begins the whole input, not one that follows an added token.</summary>
    public bool AtStart { get; } = atStart;
}
