using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>str.split and its relatives.</summary>
internal static class Splitting
{
    public static ListValue Split(RenderContext context, string text, BoundArguments arguments, bool fromRight)
    {
        int limit = arguments.Integer(1, -1);
        limit = limit < 0 ? int.MaxValue : limit;
        List<string> parts;
        if (arguments[0] is null or NoneValue)
        {
            parts = fromRight ? SplitOnSpaceFromRight(context, text, limit) : SplitOnSpace(context, text, limit);
        }
        else
        {
            string separator = arguments.Text(0);
            if (separator.Length == 0)
            {
                throw context.Error("split: the separator is empty");
            }

            context.ChargeSearch(text, separator);
            parts = fromRight ? SplitFromRight(context, text, separator, limit) : SplitFromLeft(context, text, separator, limit);
        }

        context.ChargeText(text.Length);
        return context.List([.. parts.Select(part => new StringValue(part))]);
    }

    public static ListValue Partition(RenderContext context, string text, string separator, bool fromRight)
    {
        if (separator.Length == 0)
        {
            throw context.Error("partition: the separator is empty");
        }

        context.ChargeSearch(text, separator);
        int index = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        return (index, fromRight) switch
        {
            ( < 0, false) => ListValue.Tuple(new StringValue(text), StringValue.Empty, StringValue.Empty),
            ( < 0, true) => ListValue.Tuple(StringValue.Empty, StringValue.Empty, new StringValue(text)),
            _ => ListValue.Tuple(context.Text(text[..index]), new StringValue(separator), context.Text(text[(index + separator.Length)..])),
        };
    }

    /// <summary>Lines at every line boundary that Python knows.</summary>
    public static List<string> Lines(RenderContext context, string text, bool keepEnds)
    {
        context.ChargeText(text.Length);
        List<string> lines = [];
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '\n' or '\r' or '\v' or '\f' or (>= '\u001c' and <= '\u001e') or '\u0085' or '\u2028' or '\u2029')
            {
                int end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
                context.Charge(RenderContext.StepsPerText);
                lines.Add(text[start..(keepEnds ? end : i)]);
                start = end;
                i = end - 1;
            }
        }

        if (start < text.Length)
        {
            lines.Add(text[start..]);
        }

        return lines;
    }

    private static List<string> SplitFromLeft(RenderContext context, string text, string separator, int limit)
    {
        List<string> parts = [];
        int start = 0;
        for (int i = 0; parts.Count < limit && (i = text.IndexOf(separator, start, StringComparison.Ordinal)) >= 0; start = i + separator.Length)
        {
            context.Charge(RenderContext.StepsPerText);
            parts.Add(text[start..i]);
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static List<string> SplitFromRight(RenderContext context, string text, string separator, int limit)
    {
        List<string> parts = [];
        int end = text.Length;
        for (int i = 0; parts.Count < limit && (i = text.AsSpan(0, end).LastIndexOf(separator)) >= 0; end = i)
        {
            context.Charge(RenderContext.StepsPerText);
            parts.Add(text[(i + separator.Length)..end]);
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static List<string> SplitOnSpace(RenderContext context, string text, int limit)
    {
        List<string> parts = [];
        int i = 0;
        while (true)
        {
            while (i < text.Length && PythonWhitespace.IsSpace(text[i]))
            {
                i++;
            }

            if (i == text.Length)
            {
                return parts;
            }

            if (parts.Count == limit)
            {
                parts.Add(text[i..]);
                return parts;
            }

            context.Charge(RenderContext.StepsPerText);
            int start = i;
            while (i < text.Length && !PythonWhitespace.IsSpace(text[i]))
            {
                i++;
            }

            parts.Add(text[start..i]);
        }
    }

    private static List<string> SplitOnSpaceFromRight(RenderContext context, string text, int limit)
    {
        List<string> parts = [];
        int i = text.Length;
        while (true)
        {
            while (i > 0 && PythonWhitespace.IsSpace(text[i - 1]))
            {
                i--;
            }

            if (i == 0)
            {
                break;
            }

            if (parts.Count == limit)
            {
                parts.Add(text[..i]);
                break;
            }

            context.Charge(RenderContext.StepsPerText);
            int end = i;
            while (i > 0 && !PythonWhitespace.IsSpace(text[i - 1]))
            {
                i--;
            }

            parts.Add(text[i..end]);
        }

        parts.Reverse();
        return parts;
    }
}
