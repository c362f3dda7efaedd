using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Python's methods of list and tuple.</summary>
internal static class ListMethods
{
    private static readonly Dictionary<string, Func<RenderContext, List<TemplateValue>, CallArguments, TemplateValue>> Reading = new(StringComparer.Ordinal)
    {
        ["index"] = (context, items, arguments) =>
        {
            TemplateValue value = arguments.Bind(context, "index", "value").Required(0);
            int index = items.FindIndex(item => Comparison.AreEqual(context, item, value));
            return index >= 0 ? new IntegerValue(index) : throw context.Error($"index: {PythonText.Repr(context, value)} is not in the list");
        },
        ["count"] = (context, items, arguments) =>
        {
            TemplateValue value = arguments.Bind(context, "count", "value").Required(0);
            return new IntegerValue(items.Count(item => Comparison.AreEqual(context, item, value)));
        },
        ["copy"] = (context, items, _) => context.List([.. items]),
    };

    private static readonly Dictionary<string, Func<RenderContext, List<TemplateValue>, CallArguments, TemplateValue>> Changing = new(StringComparer.Ordinal)
    {
        ["append"] = (context, items, arguments) =>
        {
            items.Add(arguments.Bind(context, "append", "value").Required(0));
            return NoneValue.Instance;
        },
        ["extend"] = (context, items, arguments) =>
        {
            items.AddRange(Iteration.Items(context, arguments.Bind(context, "extend", "values").Required(0)));
            return NoneValue.Instance;
        },
        ["insert"] = (context, items, arguments) =>
        {
            BoundArguments bound = arguments.Bind(context, "insert", "index", "value");
            int index = bound.Integer(0);
            context.Charge(items.Count / 16);
            items.Insert(Math.Clamp(index < 0 ? index + items.Count : index, 0, items.Count), bound.Required(1));
            return NoneValue.Instance;
        },
        ["pop"] = (context, items, arguments) =>
        {
            int index = arguments.Bind(context, "pop", "index").Integer(0, -1);
            index += index < 0 ? items.Count : 0;
            if (index < 0 || index >= items.Count)
            {
                throw context.Error($"pop: index {index} is outside of the list of {items.Count} items");
            }

            context.Charge(items.Count / 16);
            TemplateValue value = items[index];
            items.RemoveAt(index);
            return value;
        },
        ["reverse"] = (context, items, _) =>
        {
            context.Charge(items.Count);
            items.Reverse();
            return NoneValue.Instance;
        },
        ["clear"] = (_, items, _) =>
        {
            items.Clear();
            return NoneValue.Instance;
        },
    };

    public static CallableValue? Find(ListValue list, string name) =>
        Reading.TryGetValue(name, out Func<RenderContext, List<TemplateValue>, CallArguments, TemplateValue>? method)
        || (list.Kind == SequenceKind.List && Changing.TryGetValue(name, out method))
            ? new CallableValue(name, (context, arguments) => method(context, list.Items, arguments))
            : null;
}
