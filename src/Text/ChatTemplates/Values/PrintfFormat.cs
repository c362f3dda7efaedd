using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's <c>"..." % values</c>: %s %r %d %i %u %f %e %g %x %o %% with flags, width, precision and %(name)s.</summary>
internal static class PrintfFormat
{
    public static string Apply(RenderContext context, string format, TemplateValue values)
    {
        List<TemplateValue> items = values is ListValue { Kind: SequenceKind.Tuple } tuple ? tuple.Items : [values];
        context.ChargeText(format.Length);
        TextBuilder output = new(context);
        int used = 0;
        bool isNamed = false;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                output.Append(format[i]);
                continue;
            }

            i++;
            TemplateValue? named = ReadName(context, format, ref i, values);
            isNamed |= named is not null;
            FormatSpec spec = ReadSpec(context, format, ref i, out char type);
            if (type == '%')
            {
                output.Append('%');
                continue;
            }

            TemplateValue value = named ?? (used < items.Count ? items[used++] : throw context.Error("not enough arguments for the format string"));
            output.Append(Format(context, spec, type, value));
        }

        return used < items.Count && !isNamed && values is not (DictValue or UndefinedValue or ListValue { Kind: not SequenceKind.Tuple })
            ? throw context.Error("not all arguments were converted by the format string")
            : output.ToString();
    }

    private static string Format(RenderContext context, FormatSpec spec, char type, TemplateValue value) => type switch
    {
        's' => (spec with { Type = 's' }).Apply(context, value),
        'r' => (spec with { Type = 's' }).Apply(context, new StringValue(PythonText.Repr(context, value))),
        'd' or 'i' or 'u' when value is FloatValue { Value: var number } && Math.Abs(number) < 1e18 =>
            (spec with { Type = 'd', Precision = null }).Apply(context, new IntegerValue((Int128)number)),
        'd' or 'i' or 'u' or 'x' or 'X' or 'o' or 'f' or 'F' or 'e' or 'E' or 'g' or 'G' when Numbers.IsNumber(value) =>
            (spec with { Type = type }).Apply(context, value),
        'd' or 'i' or 'u' or 'x' or 'X' or 'o' or 'f' or 'F' or 'e' or 'E' or 'g' or 'G' =>
            throw context.Error($"%{type} needs a number, not {value.TypeName}"),
        _ => throw context.Error($"unsupported format character '{type}'"),
    };

    private static TemplateValue? ReadName(RenderContext context, string format, ref int i, TemplateValue values)
    {
        if (i >= format.Length || format[i] != '(')
        {
            return null;
        }

        int end = format.IndexOf(')', i);
        if (end < 0 || values is not DictValue dict)
        {
            throw context.Error("a format with %(name) needs a dict and a closing bracket");
        }

        string name = format[(i + 1)..end];
        i = end + 1;
        return dict.Find(name) ?? throw context.Error($"the format names '{name}', which the dict lacks");
    }

    private static FormatSpec ReadSpec(RenderContext context, string format, ref int i, out char type)
    {
        FormatSpec spec = new() { Align = '>' };
        for (; i < format.Length && format[i] is '-' or '+' or ' ' or '0' or '#'; i++)
        {
            spec = format[i] switch
            {
                '-' => spec with { Align = '<', Fill = ' ' },
                '0' when spec.Align != '<' => spec with { Align = '=', Fill = '0' },
                '+' => spec with { Sign = '+' },
                ' ' when spec.Sign == '-' => spec with { Sign = ' ' },
                _ => spec,
            };
        }

        spec = spec with { Width = FormatSpec.ReadNumber(context, format, ref i) };
        if (i < format.Length && format[i] == '.')
        {
            i++;
            spec = spec with { Precision = FormatSpec.ReadNumber(context, format, ref i) };
        }

        type = i < format.Length ? format[i] : throw context.Error("the format string ends within a conversion");
        return spec;
    }
}
