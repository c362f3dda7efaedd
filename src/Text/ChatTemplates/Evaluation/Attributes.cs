using Inference.Text.ChatTemplates.Library;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>value.name, value[index] and slices. What is missing is undefined, not an error, as in Jinja.</summary>
internal static class Attributes
{
    /// <summary>value.name: methods first, then keys.</summary>
    public static TemplateValue Get(RenderContext context, TemplateValue value, string name) => value switch
    {
        UndefinedValue undefined => throw context.Error(undefined.Reason),
        DictValue dict => Method(value, name) ?? dict.Find(name) ?? Missing(value, name),
        NamespaceValue space when space.Attributes.TryGetValue(name, out TemplateValue? attribute) => attribute,
        LoopValue loop => loop.Find(name) ?? Missing(value, name),
        CallableValue function when name == "name" => new StringValue(function.Name),
        _ => Method(value, name) ?? Missing(value, name),
    };

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
                List<string> points = CodePoints.Split(text.Text);
                return At(points.Count, index) is int j ? new StringValue(points[j], text.IsMarkup) : MethodOrMissing(context, value, index);
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
                return context.List(Slice(context, list.Items, start, stop, step), list.Kind);
            case StringValue text:
                context.ChargeText(text.Text.Length);
                return new StringValue(string.Concat(Slice(context, CodePoints.Split(text.Text), start, stop, step)), text.IsMarkup);
            default:
                return new UndefinedValue($"a value of type {value.TypeName} cannot be sliced");
        }
    }

    private static List<T> Slice<T>(RenderContext context, List<T> items, TemplateValue start, TemplateValue stop, TemplateValue step)
    {
        long by = Bound(context, step) ?? 1;
        if (by == 0)
        {
            throw context.Error("the step of a slice must not be zero");
        }

        bool isForward = by > 0;
        long from = Clamp(Bound(context, start), items.Count, isForward, whenAbsent: isForward ? 0 : items.Count - 1);
        long to = Clamp(Bound(context, stop), items.Count, isForward, whenAbsent: isForward ? items.Count : -1);
        List<T> result = [];
        for (long i = from; isForward ? i < to : i > to; i += by)
        {
            result.Add(items[(int)i]);
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
