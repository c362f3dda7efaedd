namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>One rewriting of the text before it is cut into pieces.</summary>
internal interface INormalizer
{
    string Apply(string text);
}
