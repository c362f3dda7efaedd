namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>Several steps, one after another.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public void Apply(ref PreTokenizedText text)
    {
        foreach (IPreTokenizer step in steps) step.Apply(ref text);
    }
}
