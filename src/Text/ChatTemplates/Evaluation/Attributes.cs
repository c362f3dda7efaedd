using Inference.Text.ChatTemplates.Library;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>value.name, value[index] and slices. What is missing is undefined, not an error, as in Jinja.</summary>
internal static class Attributes
{
    /// <summary>value.name: methods first, then keys.</summary>
    public static TemplateValue Get(RenderContext context, TemplateValue value, string name)
    {
        context.ChargeText(name.Length);
        return value switch
        {
            UndefinedValue undefined => throw context.Error(undefined.Reason),
            DictValue dict => Method(value, name) ?? dict.Find(name) ?? Missing(value, name),
            NamespaceValue space when space.Attributes.TryGetValue(name, out TemplateValue? attribute) => attribute,
            LoopValue loop => loop.Find(name) ?? Missing(value, name),
            CallableValue function when name == "name" => new StringValue(function.Name),
            _ => Method(value, name) ?? Missing(value, name),
        };
    }

    /// <summary>value[index]: keys first, then methods.</summary>
    public static TemplateValue GetItem(RenderContext context, TemplateValue value, TemplateValue index)
    {
        switch (value)
        {
            case UndefinedValue undefined:
                throw context.Error(undefined.Reason);
            case DictValue dict:
                return dict.Find(context.RequireHashable(index)) ?? MethodOrMissing(context, value, index);
            case ListValue list when Numbers.IsInteger(index):
                return At(list.Items.Count, index) is int i ? list.Items[i] : MethodOrMissing(context, value, index);
            case StringValue text when Numbers.IsInteger(index):
                context.Charge(text.Text.Length / 4);
                CodePoints points = new(text.Text);
                return At(points.Length, index) is int j ? new StringValue(points[j], text.IsMarkup) : MethodOrMissing(context, value, index);
            default:
                return index is StringValue name ? Get(context, value, name.Text) : MethodOrMissing(context, value, index);
        }
    }

    /// <summary>value[start:stop:step] of a list, tuple or text.</summary>
    public static TemplateValue Slice(RenderContext context, TemplateValue value, TemplateValue start, TemplateValue stop, TemplateValue step)
    {
        switch (value)
        {
            case UndefinedValue undefined:
                throw context.Error(undefined.Reason);
            case ListValue { Kind: not SequenceKind.Generator } list:
                return context.List([.. Range(context, list.Items.Count, start, stop, step).Select(i => list.Items[i])], list.Kind);
            case StringValue text:
                return new StringValue(Slice(context, text.Text, start, stop, step), text.IsMarkup);
            default:
                throw context.Error($"a value of type {value.TypeName} cannot be sliced");
        }
    }

    private static string Slice(RenderContext context, string text, TemplateValue start, TemplateValue stop, TemplateValue step)
    {
        context.ChargeText(text.Length);
        CodePoints points = new(text);
        if (step is not NoneValue)
        {
            return string.Concat(Range(context, points.Length, start, stop, step).Select(i => points[i]));
        }

        int from = (int)Clamp(Bound(context, start), points.Length, isForward: true, whenAbsent: 0);
        int to = (int)Clamp(Bound(context, stop), points.Length, isForward: true, whenAbsent: points.Length);
        return points.Slice(from, Math.Max(0, to - from));
    }

    /// <summary>The positions that a slice of a sequence of this length takes.</summary>
    private static List<int> Range(RenderContext context, int length, TemplateValue start, TemplateValue stop, TemplateValue step)
    {
        long by = Bound(context, step) ?? 1;
        if (by == 0)
        {
            throw context.Error("the step of a slice must not be zero");
        }

        bool isForward = by > 0;
        long from = Clamp(Bound(context, start), length, isForward, whenAbsent: isForward ? 0 : length - 1);
        long to = Clamp(Bound(context, stop), length, isForward, whenAbsent: isForward ? length : -1);
        List<int> result = [];
        for (long i = from; isForward ? i < to : i > to; i += by)
        {
            context.Charge(1);
            result.Add((int)i);
        }

        return result;
    }

    private static long Clamp(long? bound, int count, bool isForward, long whenAbsent)
    {
        if (bound is not { } value)
        {
            return whenAbsent;
        }

        value += value < 0 ? count : 0;
        return isForward ? Math.Clamp(value, 0, count) : Math.Clamp(value, -1, count - 1);
    }

    private static long? Bound(RenderContext context, TemplateValue value) =>
        value is NoneValue ? null
        : Numbers.IsInteger(value) ? (long)Int128.Clamp(Numbers.ToInteger(value), int.MinValue, int.MaxValue)
        : throw context.Error($"the bounds of a slice must be integers or none, not {value.TypeName}");

    private static int? At(int count, TemplateValue index)
    {
        Int128 position = Numbers.ToInteger(index);
        position += position < 0 ? count : 0;
        return position >= 0 && position < count ? (int)position : null;
    }

    private static TemplateValue MethodOrMissing(RenderContext context, TemplateValue value, TemplateValue index) =>
        (index is StringValue name ? Method(value, name.Text) : null) ?? Missing(value, PythonText.Repr(context, index));

    private static TemplateValue? Method(TemplateValue value, string name) => value switch
    {
        StringValue text => StringMethods.Find(text, name),
        ListValue { Kind: not SequenceKind.Generator } list => ListMethods.Find(list, name),
        DictValue dict => DictMethods.Find(dict, name),
        _ => null,
    };

    private static UndefinedValue Missing(TemplateValue value, string name) => new(
        value is NoneValue ? $"'none' has no attribute '{name}'" : $"'{value.TypeName} object' has no attribute '{name}'");
}
