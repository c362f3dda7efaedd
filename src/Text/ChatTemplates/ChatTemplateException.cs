namespace Inference.Text.ChatTemplates;

/// <summary>
/// A template that cannot be parsed, that fails while it renders, that refuses its input by <c>raise_exception</c>,
/// or that goes past one of the <see cref="ChatTemplateLimits"/>.
/// </summary>
public sealed class ChatTemplateException : Exception
{
    public ChatTemplateException(string reason, int line, bool isRaisedByTemplate = false, Exception? innerException = null)
        : base(line > 0 ? $"chat template, line {line}: {reason}" : $"chat template: {reason}", innerException)
    {
        Reason = reason;
        Line = line;
        IsRaisedByTemplate = isRaisedByTemplate;
    }

    /// <summary>The message without the line.</summary>
    public string Reason { get; }

    /// <summary>Line of the template, from 1; 0 where the fault is in the input rather than in the template.</summary>
    public int Line { get; }

    /// <summary>True when the template itself refused the messages by <c>raise_exception</c>.</summary>
    public bool IsRaisedByTemplate { get; }
}
