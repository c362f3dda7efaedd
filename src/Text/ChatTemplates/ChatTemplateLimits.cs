namespace Inference.Text.ChatTemplates;

/// <summary>What one template may use. Templates are untrusted input; each limit ends in a <see cref="ChatTemplateException"/>.</summary>
public sealed record ChatTemplateLimits
{
    public static ChatTemplateLimits Default { get; } = new();

    /// <summary>Characters of the template's source. Default 1,048,576.</summary>
    public int MaxSourceLength { get; init; } = 1 << 20;

    /// <summary>
    /// Units of work of one rendering: one for each statement, expression and list element, ten for each call and turn
    /// of a loop, one for each four characters of text made. Default 10,000,000, about a second; bounds time and memory.
    /// </summary>
    public long MaxSteps { get; init; } = 10_000_000;

    /// <summary>Characters of the rendering, and of any one string on the way. Default 8,388,608.</summary>
    public int MaxTextLength { get; init; } = 1 << 23;

    /// <summary>Statements, expressions and macro calls within one another. Default 1,000.</summary>
    public int MaxDepth { get; init; } = 1_000;

    /// <summary>Elements of one <c>range</c>. Default 100,000, as in Jinja's sandbox.</summary>
    public int MaxRange { get; init; } = 100_000;
}
