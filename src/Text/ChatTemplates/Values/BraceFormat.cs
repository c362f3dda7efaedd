using System.Globalization;
using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's <c>str.format</c>: {} {0} {name} {name.attribute} {name[key]} {name!r} {name:spec}, without nested fields.</summary>
internal static class BraceFormat
{
    public static string Apply(RenderContext context, string format, CallArguments arguments)
    {
        context.ChargeText(format.Length);
        TextBuilder output = new(context);
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
            {
                output.Append(c);
                i++;
            }
            else if (c == '{')
            {
                int end = format.IndexOf('}', i);
                string field = end < 0 ? throw context.Error("'{' without '}' in a format string") : format[(i + 1)..end];
                output.Append(Field(context, field, arguments, ref next));
                i = end;
            }
            else if (c == '}')
            {
                throw context.Error("'}' without '{' in a format string");
            }
            else
            {
                output.Append(c);
            }
        }

        return output.ToString();
    }

    private static string Field(RenderContext context, string field, CallArguments arguments, ref int next)
    {
        int colon = field.IndexOf(':');
        string spec = colon < 0 ? "" : field[(colon + 1)..];
        string path = colon < 0 ? field : field[..colon];
        char conversion = path.Length > 1 && path[^2] == '!' ? path[^1] : ' ';
        path = conversion == ' ' ? path : path[..^2];
        int nameEnd = path.AsSpan().IndexOfAny('.', '[');
        string name = nameEnd < 0 ? path : path[..nameEnd];
        TemplateValue value = Argument(context, name, arguments, ref next);
        value = nameEnd < 0 ? value : Follow(context, value, path[nameEnd..]);
        value = conversion switch
        {
            ' ' => value,
            'r' => new StringValue(PythonText.Repr(context, value)),
            's' => new StringValue(PythonText.Str(context, value)),
            _ => throw context.Error($"unknown conversion '!{conversion}' in a format string"),
        };
        return spec.Length == 0 ? PythonText.Str(context, value) : FormatSpec.Parse(context, spec).Apply(context, value);
    }

    private static TemplateValue Argument(RenderContext context, string name, CallArguments arguments, ref int next)
    {
        if (name.Length == 0 || name.All(char.IsAsciiDigit))
        {
            int index = name.Length == 0 ? next++ : int.TryParse(name, CultureInfo.InvariantCulture, out int i) ? i : int.MaxValue;
            return index < arguments.Positional.Count
                ? arguments.Positional[index]
                : throw context.Error($"the format string names argument {index}, {arguments.Positional.Count} are given");
        }

        return arguments.Named.Find(pair => pair.Name == name).Value
            ?? throw context.Error($"the format string names '{name}', which is not given");
    }

    private static TemplateValue Follow(RenderContext context, TemplateValue value, string path)
    {
        while (path.Length > 0)
        {
            context.Charge(1);
            int end = path[0] == '[' ? path.IndexOf(']') : path.AsSpan(1).IndexOfAny('.', '[') + 1;
            if (path[0] == '[' && end > 0)
            {
                string key = path[1..end];
                value = Attributes.GetItem(context, value, int.TryParse(key, CultureInfo.InvariantCulture, out int index) ? new IntegerValue(index) : new StringValue(key));
                path = path[(end + 1)..];
            }
            else if (path[0] == '.')
            {
                end = end == 0 ? path.Length : end;
                value = Attributes.Get(context, value, path[1..end]);
                path = path[end..];
            }
            else
            {
                throw context.Error("invalid field in a format string");
            }
        }

        return value;
    }
}
