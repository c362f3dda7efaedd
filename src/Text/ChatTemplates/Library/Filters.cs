using System.Globalization;
using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Syntax;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Filters by name, and those that turn one type into another. The rest is in TextFilters and SequenceFilters.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Func<RenderContext, CallArguments, TemplateValue>> ByName = new(StringComparer.Ordinal)
    {
        ["default"] = Default,
        ["d"] = Default,
        ["string"] = (context, arguments) => TextFilters.Soft(context, arguments.Bind(context, "string", "value").Required(0)),
        ["int"] = ToInteger,
        ["float"] = ToFloat,
        ["round"] = Round,
        ["abs"] = Absolute,
        ["tojson"] = ToJson,
        ["from_json"] = (context, arguments) => JsonValues.Parse(context, arguments.Bind(context, "from_json", "text").Text(0)),
        ["attr"] = (context, arguments) =>
        {
            BoundArguments bound = arguments.Bind(context, "attr", "value", "name");
            return Attributes.Get(context, bound.Required(0), bound.Text(1));
        },
    };

    static Filters()
    {
        TextFilters.AddTo(ByName);
        SequenceFilters.AddTo(ByName);
    }

    public static bool Exists(string name) => ByName.ContainsKey(name);

    /// <summary>The first argument is the value that is filtered.</summary>
    public static TemplateValue Apply(RenderContext context, string name, CallArguments arguments) =>
        ByName.TryGetValue(name, out Func<RenderContext, CallArguments, TemplateValue>? filter)
            ? filter(context, arguments)
            : throw context.Error($"there is no filter named '{name}'");

    private static TemplateValue Default(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "default", "value", "default_value", "boolean");
        TemplateValue value = bound.Required(0);
        return value is UndefinedValue || (bound.IsTrue(2) && !value.IsTrue) ? bound[1] ?? StringValue.Empty : value;
    }

    private static TemplateValue ToInteger(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "int", "value", "default", "base");
        switch (bound.Required(0))
        {
            case FloatValue { Value: var number } when Math.Abs(number) < 1e38:
                return new IntegerValue((Int128)number);
            case StringValue text:
                context.Charge(text.Text.Length);
                Int128? parsed = ParseInteger(text.Text, bound.Integer(2, 10));
                return parsed is { } integer ? new IntegerValue(integer)
                    : TryParseFloat(text.Text, out double parsedFloat) && Math.Abs(parsedFloat) < 1e38 ? new IntegerValue((Int128)parsedFloat)
                    : bound[1] ?? new IntegerValue(0);
            case UndefinedValue undefined:
                throw context.Error(undefined.Reason);
            case var value:
                return Numbers.IsInteger(value) ? new IntegerValue(Numbers.ToInteger(value)) : bound[1] ?? new IntegerValue(0);
        }
    }

    private static Int128? ParseInteger(string text, int radix)
    {
        string digits = PythonWhitespace.TrimStart(PythonWhitespace.TrimEnd(text)).Replace("_", "", StringComparison.Ordinal);
        bool isNegative = digits.StartsWith('-');
        digits = isNegative || digits.StartsWith('+') ? digits[1..] : digits;
        string prefix = radix switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => " " };
        digits = digits.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        Int128? value = digits.All(char.IsAsciiLetterOrDigit) && radix is >= 2 and <= 36 ? NumberLiteral.ParseInteger(digits, radix) : null;
        return isNegative ? -value : value;
    }

    private static TemplateValue ToFloat(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "float", "value", "default");
        TemplateValue value = bound.Required(0);
        context.Charge(value is StringValue given ? given.Text.Length : 0);
        return value switch
        {
            UndefinedValue undefined => throw context.Error(undefined.Reason),
            StringValue text when TryParseFloat(text.Text, out double number) => new FloatValue(number),
            _ when Numbers.IsNumber(value) => new FloatValue(Numbers.ToDouble(value)),
            _ => bound[1] ?? new FloatValue(0),
        };
    }

    private static bool TryParseFloat(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static TemplateValue Round(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "round", "value", "precision", "method");
        if (!Numbers.IsNumber(bound.Required(0)))
        {
            throw context.Error($"round needs a number, not {bound[0]!.TypeName}");
        }

        double value = Numbers.ToDouble(bound[0]!);
        int precision = Math.Clamp(bound.Integer(1, 0), -15, 15);
        if (Numbers.IsInteger(bound[0]!) && precision >= 0 && bound[2] is null)
        {
            return new IntegerValue(Numbers.ToInteger(bound[0]!));
        }

        double scale = Math.Pow(10, precision);
        return new FloatValue(bound.Text(2, "common") switch
        {
            "common" => precision >= 0 ? Math.Round(value, precision, MidpointRounding.ToEven) : Math.Round(value * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(value * scale) / scale,
            "floor" => Math.Floor(value * scale) / scale,
            _ => throw context.Error("round: the method must be common, ceil or floor"),
        });
    }

    private static TemplateValue Absolute(RenderContext context, CallArguments arguments)
    {
        TemplateValue value = arguments.Bind(context, "abs", "value").Required(0);
        return value is FloatValue { Value: var number } ? new FloatValue(Math.Abs(number))
            : Numbers.IsInteger(value) && Numbers.ToInteger(value) >= 0 ? new IntegerValue(Numbers.ToInteger(value))
            : Arithmetic.Negate(context, value);
    }

    private static StringValue ToJson(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "tojson", "value", "ensure_ascii", "indent", "separators", "sort_keys");
        string? indent = bound[2] switch
        {
            null or NoneValue => null,
            StringValue text => text.Text,
            _ => new string(' ', Math.Clamp(bound.Integer(2), 0, 64)),
        };
        string itemSeparator = indent is null ? ", " : ",";
        string keySeparator = ": ";
        if (bound[3] is not (null or NoneValue))
        {
            List<TemplateValue> separators = Iteration.Items(context, bound[3]!);
            if (separators is not [StringValue item, StringValue key])
            {
                throw context.Error("tojson: separators must be two strings");
            }

            (itemSeparator, keySeparator) = (item.Text, key.Text);
        }

        return new StringValue(
            new JsonWriter(context, bound.IsTrue(1), indent, itemSeparator, keySeparator, bound.IsTrue(4)).Write(bound.Required(0)));
    }
}
