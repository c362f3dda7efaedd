using System.Globalization;
using System.Text;
using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's <c>str</c> and <c>repr</c>.</summary>
internal static class PythonText
{
    /// <summary>What printing the value gives.</summary>
    public static string Str(RenderContext context, TemplateValue value) => value switch
    {
        StringValue text => text.Text,
        UndefinedValue => "",
        _ => Repr(context, value),
    };

    public static string Repr(RenderContext context, TemplateValue value)
    {
        switch (value)
        {
            case NoneValue:
                return "None";
            case BooleanValue:
                return value.IsTrue ? "True" : "False";
            case IntegerValue integer:
                return integer.Value.ToString(CultureInfo.InvariantCulture);
            case FloatValue number:
                return Float(number.Value);
            default:
                TextBuilder output = new(context);
                WriteRepr(context, value, output);
                return output.ToString();
        }
    }

    /// <summary>The shortest digits that give the number back, with an exponent below 1e-4 and from 1e16.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        string shortest = double.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E');
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        int point = mantissa.Contains('.') ? mantissa.IndexOf('.') : mantissa.Length;
        string allDigits = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = allDigits.TrimStart('0');
        int exponent = (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            + point - 1 - (allDigits.Length - digits.Length);
        digits = digits.TrimEnd('0');
        string sign = double.IsNegative(value) ? "-" : "";
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length > exponent + 1
            ? $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}"
            : $"{sign}{digits.PadRight(exponent + 1, '0')}.0";
    }

    private static void WriteRepr(RenderContext context, TemplateValue value, TextBuilder output)
    {
        context.Enter();
        switch (value)
        {
            case StringValue text:
                output.Append(text.IsMarkup ? "Markup(" : "");
                WriteQuoted(text.Text, output);
                output.Append(text.IsMarkup ? ")" : "");
                break;
            case UndefinedValue:
                output.Append("Undefined");
                break;
            case ListValue { Kind: SequenceKind.Generator }:
                output.Append("<generator object>");
                break;
            case ListValue list:
                bool isTuple = list.Kind == SequenceKind.Tuple;
                output.Append(isTuple ? '(' : '[');
                for (int i = 0; i < list.Items.Count; i++)
                {
                    output.Append(i > 0 ? ", " : "");
                    WriteRepr(context, list.Items[i], output);
                }

                output.Append(isTuple && list.Items.Count == 1 ? "," : "").Append(isTuple ? ')' : ']');
                break;
            case DictValue dict:
                WriteDict(context, dict.Items, output);
                break;
            case NamespaceValue space:
                output.Append("<Namespace ");
                WriteDict(context, space.Attributes.Select(p => KeyValuePair.Create<TemplateValue, TemplateValue>(new StringValue(p.Key), p.Value)), output);
                output.Append('>');
                break;
            case CallableValue function:
                output.Append($"<function {function.Name}>");
                break;
            case LoopValue:
                output.Append("<LoopContext>");
                break;
            default:
                output.Append(Repr(context, value));
                break;
        }

        context.Leave();
    }

    private static void WriteDict(RenderContext context, IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> items, TextBuilder output)
    {
        output.Append('{');
        string separator = "";
        foreach ((TemplateValue key, TemplateValue value) in items)
        {
            output.Append(separator);
            separator = ", ";
            WriteRepr(context, key, output);
            output.Append(": ");
            WriteRepr(context, value, output);
        }

        output.Append('}');
    }

    private static void WriteQuoted(string text, TextBuilder output)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == quote || c == '\\')
            {
                output.Append('\\').Append(c);
            }
            else if (c is '\n' or '\r' or '\t')
            {
                output.Append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            }
            else if (c is >= ' ' and <= '~')
            {
                output.Append(c);
            }
            else if (Rune.TryGetRuneAt(text, i, out Rune rune))
            {
                output.Append(CodePoints.IsPrintable(rune) ? rune.ToString() : Escape(rune.Value));
                i += rune.Utf16SequenceLength - 1;
            }
            else
            {
                output.Append(Escape(c));
            }
        }

        output.Append(quote);
    }

    private static string Escape(int code) => code switch
    {
        < 0x100 => $"\\x{code:x2}",
        < 0x10000 => $"\\u{code:x4}",
        _ => $"\\U{code:x8}",
    };
}
