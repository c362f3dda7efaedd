using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's arithmetic on numbers, texts and lists.</summary>
internal static class Arithmetic
{
    public static TemplateValue Apply(RenderContext context, string symbol, TemplateValue left, TemplateValue right)
    {
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
        {
            return ApplyToNumbers(context, symbol, left, right);
        }

        return (symbol, left, right) switch
        {
            (_, UndefinedValue undefined, _) => throw context.Error(undefined.Reason),
            ("%", StringValue format, _) => context.Text(PrintfFormat.Apply(context, format.Text, right)),
            (_, _, UndefinedValue undefined) => throw context.Error(undefined.Reason),
            ("+", StringValue a, StringValue b) => Join(context, a, b),
            ("+", ListValue a, ListValue b) when a.Kind == b.Kind && a.Kind != SequenceKind.Generator => Join(context, a, b),
            ("*", StringValue or ListValue, _) when Numbers.IsInteger(right) => Repeat(context, left, right),
            ("*", _, StringValue or ListValue) when Numbers.IsInteger(left) => Repeat(context, right, left),
            _ => throw context.Error($"unsupported operand types for {symbol}: '{left.TypeName}' and '{right.TypeName}'"),
        };
    }

    public static TemplateValue Negate(RenderContext context, TemplateValue value) => value switch
    {
        FloatValue number => new FloatValue(-number.Value),
        _ when Numbers.IsInteger(value) => new IntegerValue(-Numbers.ToInteger(value)),
        UndefinedValue undefined => throw context.Error(undefined.Reason),
        _ => throw context.Error($"bad operand type for unary -: '{value.TypeName}'"),
    };

    /// <summary>The five characters that HTML gives meaning to, as markupsafe writes them.</summary>
    public static string EscapeHtml(RenderContext context, string text)
    {
        TextBuilder output = new(context);
        foreach (char c in text)
        {
            switch (c)
            {
                case '&':
                    output.Append("&amp;");
                    break;
                case '<':
                    output.Append("&lt;");
                    break;
                case '>':
                    output.Append("&gt;");
                    break;
                case '"':
                    output.Append("&#34;");
                    break;
                case '\'':
                    output.Append("&#39;");
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }

        return output.ToString();
    }

    private static TemplateValue ApplyToNumbers(RenderContext context, string symbol, TemplateValue left, TemplateValue right)
    {
        bool isExact = Numbers.IsInteger(left) && Numbers.IsInteger(right);
        if (symbol is "/" or "//" or "%" && Numbers.ToDouble(right) == 0)
        {
            throw context.Error("division by zero");
        }

        if (symbol != "/" && isExact && !(symbol == "**" && Numbers.ToInteger(right) < 0))
        {
            return new IntegerValue(ApplyToIntegers(context, symbol, Numbers.ToInteger(left), Numbers.ToInteger(right)));
        }

        double a = Numbers.ToDouble(left);
        double b = Numbers.ToDouble(right);
        return new FloatValue(symbol switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - (b * Math.Floor(a / b)),
            _ => Math.Pow(a, b),
        });
    }

    private static Int128 ApplyToIntegers(RenderContext context, string symbol, Int128 a, Int128 b)
    {
        try
        {
            return checked(symbol switch
            {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "//" => FloorDivide(a, b),
                "%" => a - (b * FloorDivide(a, b)),
                _ => Power(a, b),
            });
        }
        catch (OverflowException exception)
        {
            throw new ChatTemplateException($"the result of {symbol} does not fit 128 bits", context.Line, innerException: exception);
        }
    }

    private static Int128 FloorDivide(Int128 a, Int128 b)
    {
        (Int128 quotient, Int128 remainder) = Int128.DivRem(a, b);
        return remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static Int128 Power(Int128 a, Int128 exponent)
    {
        if (exponent > 128 && (a > 1 || a < -1))
        {
            throw new OverflowException();
        }

        Int128 result = 1;
        for (Int128 i = a == 0 || a == 1 ? Int128.Min(exponent, 1) : a == -1 ? exponent % 2 : exponent; i > 0; i--)
        {
            result = checked(result * a);
        }

        return result;
    }

    private static StringValue Join(RenderContext context, StringValue a, StringValue b)
    {
        bool isMarkup = a.IsMarkup || b.IsMarkup;
        string left = isMarkup && !a.IsMarkup ? EscapeHtml(context, a.Text) : a.Text;
        string right = isMarkup && !b.IsMarkup ? EscapeHtml(context, b.Text) : b.Text;
        context.ChargeText((long)left.Length + right.Length);
        return new StringValue(left + right, isMarkup);
    }

    private static ListValue Join(RenderContext context, ListValue a, ListValue b)
    {
        context.Charge((long)a.Items.Count + b.Items.Count);
        return new ListValue([.. a.Items, .. b.Items], a.Kind);
    }

    private static TemplateValue Repeat(RenderContext context, TemplateValue value, TemplateValue times)
    {
        long count = (long)Int128.Clamp(Numbers.ToInteger(times), 0, int.MaxValue);
        if (value is StringValue text)
        {
            TextBuilder output = new(context);
            context.ChargeText(count * text.Text.Length);
            for (long i = text.Text.Length == 0 ? count : 0; i < count; i++)
            {
                output.Append(text.Text);
            }

            return new StringValue(output.ToString(), text.IsMarkup);
        }

        ListValue list = (ListValue)value;
        context.Charge(count * list.Items.Count);
        List<TemplateValue> items = [];
        for (long i = list.Items.Count == 0 ? count : 0; i < count; i++)
        {
            items.AddRange(list.Items);
        }

        return new ListValue(items, list.Kind);
    }
}
