namespace Inference.Text.Tests.Tokenizers;

/// <summary>A fact that needs a file of the shared data, and is skipped, saying so, where it is absent.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string path) => Skip = SharedDataTheoryAttribute.ReasonToSkip(path);
}
