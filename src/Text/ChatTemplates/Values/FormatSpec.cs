using System.Globalization;
using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's format specification, as far as text needs it: [[fill]align][sign][0][width][,][.precision][d s f e g x o b %].</summary>
internal sealed record FormatSpec
{
    private const int MaxPrecision = 64;

    public char Fill { get; init; } = ' ';

    /// <summary>One of &lt; &gt; ^ =, or a space for the type's own.</summary>
    public char Align { get; init; } = ' ';

    public char Sign { get; init; } = '-';

    public int Width { get; init; }

    public bool HasThousands { get; init; }

    public int? Precision { get; init; }

    /// <summary>A space for the type's own.</summary>
    public char Type { get; init; } = ' ';

    public static FormatSpec Parse(RenderContext context, string spec)
    {
        FormatSpec result = new();
        int i = 0;
        if (spec.Length > 1 && spec[1] is '<' or '>' or '^' or '=')
        {
            result = result with { Fill = spec[0], Align = spec[1] };
            i = 2;
        }
        else if (spec.Length > 0 && spec[0] is '<' or '>' or '^' or '=')
        {
            result = result with { Align = spec[0] };
            i = 1;
        }

        if (i < spec.Length && spec[i] is '+' or '-' or ' ')
        {
            result = result with { Sign = spec[i++] };
        }

        if (i < spec.Length && spec[i] == '0' && result.Align == ' ')
        {
            result = result with { Fill = '0', Align = '=' };
        }

        result = result with { Width = ReadNumber(context, spec, ref i) };
        if (i < spec.Length && spec[i] == ',')
        {
            result = result with { HasThousands = true };
            i++;
        }

        if (i < spec.Length && spec[i] == '.')
        {
            i++;
            result = result with { Precision = ReadNumber(context, spec, ref i) };
        }

        if (i < spec.Length)
        {
            result = result with { Type = spec[i++] };
        }

        return i == spec.Length ? result : throw context.Error($"invalid format specification '{spec}'");
    }

    /// <summary>Reads decimal digits; 0 where there are none.</summary>
    public static int ReadNumber(RenderContext context, string text, ref int position)
    {
        int value = 0;
        for (; position < text.Length && char.IsAsciiDigit(text[position]); position++)
        {
            value = (value * 10) + text[position] - '0';
            if (value > context.Limits.MaxTextLength)
            {
                throw context.Error($"a width or precision in a format exceeds {context.Limits.MaxTextLength}");
            }
        }

        return value;
    }

    public string Apply(RenderContext context, TemplateValue value)
    {
        bool isNumber = Numbers.IsNumber(value) && Type != 's';
        string body = isNumber ? FormatNumber(context, value) : FormatText(context, value);
        context.ChargeScan(body);
        string sign = "";
        if (isNumber)
        {
            bool isNegative = body.StartsWith('-');
            sign = isNegative ? "-" : Sign == '-' ? "" : Sign.ToString();
            body = isNegative ? body[1..] : body;
        }

        int padding = Width - sign.Length - CodePoints.Count(body);
        if (padding <= 0)
        {
            return sign + body;
        }

        context.ChargeText(Width);
        char align = Align == ' ' ? (isNumber ? '>' : '<') : Align;
        return align switch
        {
            '<' => sign + body + new string(Fill, padding),
            '^' => new string(Fill, padding / 2) + sign + body + new string(Fill, padding - (padding / 2)),
            '=' => sign + new string(Fill, padding) + body,
            _ => new string(Fill, padding) + sign + body,
        };
    }

    private string FormatText(RenderContext context, TemplateValue value)
    {
        if (Type is not ('s' or ' '))
        {
            throw context.Error($"format code '{Type}' needs a number, not {value.TypeName}");
        }

        string text = PythonText.Str(context, value);
        context.ChargeScan(text);
        return Precision is int length && length < CodePoints.Count(text)
            ? new CodePoints(text).Slice(0, length)
            : text;
    }

    private string FormatNumber(RenderContext context, TemplateValue value)
    {
        if (Precision > MaxPrecision)
        {
            throw context.Error($"a format asks for {Precision} digits, the limit is {MaxPrecision}");
        }

        bool isInteger = Numbers.IsInteger(value);
        string group = HasThousands ? "N" : "F";
        return Type switch
        {
            ' ' when Precision is null && !HasThousands => PythonText.Repr(context, value is BooleanValue && Width > 0 ? new IntegerValue(Numbers.ToInteger(value)) : value),
            'd' or 'i' or 'u' or ' ' when isInteger => Numbers.ToInteger(value).ToString(HasThousands ? "N0" : "D", CultureInfo.InvariantCulture),
            'x' or 'X' or 'o' or 'b' when isInteger => Radix(Numbers.ToInteger(value)),
            'f' or 'F' => Numbers.ToDouble(value).ToString($"{group}{Precision ?? 6}", CultureInfo.InvariantCulture),
            '%' => (Numbers.ToDouble(value) * 100).ToString($"{group}{Precision ?? 6}", CultureInfo.InvariantCulture) + "%",
            'e' or 'E' => Exponent(Numbers.ToDouble(value), Precision ?? 6),
            'g' or 'G' or ' ' => General(Numbers.ToDouble(value), Math.Max(Precision ?? 6, 1)),
            _ => throw context.Error($"format code '{Type}' does not fit a value of type {value.TypeName}"),
        };
    }

    private string Radix(Int128 value)
    {
        string digits = Type switch
        {
            'o' => Octal(UInt128.CreateTruncating(Int128.Abs(value))),
            'b' => Int128.Abs(value).ToString("B", CultureInfo.InvariantCulture),
            'X' => Int128.Abs(value).ToString("X", CultureInfo.InvariantCulture),
            _ => Int128.Abs(value).ToString("x", CultureInfo.InvariantCulture),
        };
        digits = digits.TrimStart('0');
        return (value < 0 ? "-" : "") + (digits.Length == 0 ? "0" : digits);
    }

    private static string Octal(UInt128 value)
    {
        string digits = "";
        for (; value > 0; value /= 8)
        {
            digits = (char)('0' + (int)(value % 8)) + digits;
        }

        return digits;
    }

    private string Exponent(double value, int precision)
    {
        string[] parts = value.ToString($"{(char.IsUpper(Type) ? 'E' : 'e')}{precision}", CultureInfo.InvariantCulture).Split(['e', 'E']);
        return parts.Length == 1 ? parts[0] : $"{parts[0]}{(char.IsUpper(Type) ? 'E' : 'e')}{parts[1][0]}{parts[1][1..].TrimStart('0').PadLeft(2, '0')}";
    }

    private string General(double value, int precision)
    {
        if (!double.IsFinite(value) || value == 0)
        {
            return value == 0 ? "0" : PythonText.Float(value);
        }

        string scientific = Exponent(value, precision - 1);
        int mark = scientific.AsSpan().IndexOfAny('e', 'E');
        int exponent = int.Parse(scientific.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return exponent < -4 || exponent >= precision
            ? TrimFraction(scientific[..mark]) + scientific[mark..]
            : TrimFraction(value.ToString($"F{precision - 1 - exponent}", CultureInfo.InvariantCulture));
    }

    private static string TrimFraction(string digits) => digits.Contains('.') ? digits.TrimEnd('0').TrimEnd('.') : digits;
}
