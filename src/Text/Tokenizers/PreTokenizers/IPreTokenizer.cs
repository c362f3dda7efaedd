namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>One step that cuts pieces further, or rewrites the text of each.</summary>
internal interface IPreTokenizer
{
    void Apply(ref PreTokenizedText text);
}
