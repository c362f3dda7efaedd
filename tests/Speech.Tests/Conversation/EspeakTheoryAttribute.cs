using Inference.Speech.Tests.Synthesis;

namespace Inference.Speech.Tests.Conversation;

/// <summary>As <see cref="EspeakFactAttribute"/>.</summary>
public sealed class EspeakTheoryAttribute : TheoryAttribute
{
    public EspeakTheoryAttribute() => Skip = new EspeakFactAttribute().Skip;
}
