using System.Globalization;
using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Filters over lists, dicts and the characters of texts.</summary>
internal static class SequenceFilters
{
    public static void AddTo(Dictionary<string, Func<RenderContext, CallArguments, TemplateValue>> filters)
    {
        filters["length"] = filters["count"] = Length;
        filters["list"] = (context, arguments) => context.List(Iteration.Items(context, arguments.Bind(context, "list", "value").Required(0)));
        filters["first"] = (context, arguments) => End(context, "first", arguments, isLast: false);
        filters["last"] = (context, arguments) => End(context, "last", arguments, isLast: true);
        filters["join"] = Join;
        filters["reverse"] = Reverse;
        filters["sort"] = Sort;
        filters["unique"] = Unique;
        filters["min"] = (context, arguments) => Extreme(context, "min", arguments, direction: -1);
        filters["max"] = (context, arguments) => Extreme(context, "max", arguments, direction: 1);
        filters["sum"] = Sum;
        filters["batch"] = Batch;
        filters["items"] = Items;
        filters["dictsort"] = DictSort;
        filters["map"] = Map;
        filters["select"] = (context, arguments) => Select(context, arguments, isAttribute: false, keep: true);
        filters["reject"] = (context, arguments) => Select(context, arguments, isAttribute: false, keep: false);
        filters["selectattr"] = (context, arguments) => Select(context, arguments, isAttribute: true, keep: true);
        filters["rejectattr"] = (context, arguments) => Select(context, arguments, isAttribute: true, keep: false);
    }

    private static IntegerValue Length(RenderContext context, CallArguments arguments)
    {
        TemplateValue value = arguments.Bind(context, "length", "value").Required(0);
        return new IntegerValue(value switch
        {
            StringValue text => Count(context, text.Text),
            ListValue { Kind: not SequenceKind.Generator } list => list.Items.Count,
            DictValue dict => dict.Count,
            UndefinedValue => 0,
            _ => throw context.Error($"a value of type {value.TypeName} has no length"),
        });
    }

    private static int Count(RenderContext context, string text)
    {
        context.ChargeScan(text);
        return CodePoints.Count(text);
    }

    private static TemplateValue End(RenderContext context, string name, CallArguments arguments, bool isLast)
    {
        List<TemplateValue> items = Iteration.Items(context, arguments.Bind(context, name, "value").Required(0));
        return items.Count == 0 ? new UndefinedValue($"{name}: the sequence is empty") : items[isLast ? ^1 : 0];
    }

    private static StringValue Join(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "join", "value", "d", "attribute");
        string separator = bound[1] is null ? "" : PythonText.Str(context, bound[1]!);
        TextBuilder output = new(context);
        bool isFirst = true;
        foreach (TemplateValue item in Iteration.Items(context, bound.Required(0)))
        {
            output.Append(isFirst ? "" : separator).Append(PythonText.Str(context, Attribute(context, item, bound[2])));
            isFirst = false;
        }

        return new StringValue(output.ToString());
    }

    private static TemplateValue Reverse(RenderContext context, CallArguments arguments)
    {
        TemplateValue value = arguments.Bind(context, "reverse", "value").Required(0);
        List<TemplateValue> items = Iteration.Items(context, value);
        items.Reverse();
        return value is StringValue text
            ? new StringValue(string.Concat(items.Select(item => ((StringValue)item).Text)), text.IsMarkup)
            : context.List(items, SequenceKind.Generator);
    }

    private static ListValue Sort(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "sort", "value", "reverse", "case_sensitive", "attribute");
        string[] paths = bound[3] is StringValue names ? names.Text.Split(',') : [];
        return context.List(Sorting.Sort(context, Iteration.Items(context, bound.Required(0)), Key, bound.IsTrue(1)));

        TemplateValue Key(TemplateValue item) => paths.Length > 1
            ? context.List([.. paths.Select(path => Fold(Attribute(context, item, new StringValue(path))))])
            : Fold(Attribute(context, item, bound[3]));

        TemplateValue Fold(TemplateValue key) => bound.IsTrue(2) ? key : Sorting.IgnoreCase(context, key);
    }

    private static ListValue Unique(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "unique", "value", "case_sensitive", "attribute");
        HashSet<TemplateValue> seen = new(KeyComparer.Instance);
        List<TemplateValue> result = [];
        foreach (TemplateValue item in Iteration.Items(context, bound.Required(0)))
        {
            TemplateValue key = Attribute(context, item, bound[2]);
            if (seen.Add(context.RequireHashable(bound.IsTrue(1) ? key : Sorting.IgnoreCase(context, key))))
            {
                result.Add(item);
            }
        }

        return context.List(result, SequenceKind.Generator);
    }

    private static TemplateValue Extreme(RenderContext context, string name, CallArguments arguments, int direction)
    {
        BoundArguments bound = arguments.Bind(context, name, "value", "case_sensitive", "attribute");
        TemplateValue? best = null;
        TemplateValue? bestKey = null;
        foreach (TemplateValue item in Iteration.Items(context, bound.Required(0)))
        {
            TemplateValue key = Attribute(context, item, bound[2]);
            key = bound.IsTrue(1) ? key : Sorting.IgnoreCase(context, key);
            if (bestKey is null || Comparison.Order(context, key, bestKey) * direction > 0)
            {
                (best, bestKey) = (item, key);
            }
        }

        return best ?? new UndefinedValue($"{name}: the sequence is empty");
    }

    private static TemplateValue Sum(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "sum", "value", "attribute", "start");
        TemplateValue total = bound[2] ?? new IntegerValue(0);
        foreach (TemplateValue item in Iteration.Items(context, bound.Required(0)))
        {
            total = Arithmetic.Apply(context, "+", total, Attribute(context, item, bound[1]));
        }

        return total;
    }

    private static ListValue Batch(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "batch", "value", "linecount", "fill_with");
        int size = bound.Integer(1);
        if (size < 1)
        {
            throw context.Error($"batch: the size is {size}, at least 1 is needed");
        }

        List<TemplateValue> rows = [];
        foreach (TemplateValue[] row in Iteration.Items(context, bound.Required(0)).Chunk(size))
        {
            int missing = bound[2] is null ? 0 : size - row.Length;
            context.Charge(missing);
            rows.Add(context.List([.. row, .. Enumerable.Repeat(bound[2]!, missing)]));
        }

        return context.List(rows, SequenceKind.Generator);
    }

    private static ListValue Items(RenderContext context, CallArguments arguments) =>
        arguments.Bind(context, "items", "value").Required(0) switch
        {
            DictValue dict => DictMethods.Items(context, dict),
            UndefinedValue => context.List([]),
            var value => throw context.Error($"items needs a dict, not {value.TypeName}"),
        };

    private static ListValue DictSort(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "dictsort", "value", "case_sensitive", "by", "reverse");
        if (bound.Required(0) is not DictValue dict)
        {
            throw context.Error($"dictsort needs a dict, not {bound[0]!.TypeName}");
        }

        int position = bound.Text(2, "key") switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw context.Error("dictsort sorts by 'key' or 'value'"),
        };
        return context.List(Sorting.Sort(context, DictMethods.Items(context, dict).Items, Key, bound.IsTrue(3)));

        TemplateValue Key(TemplateValue pair)
        {
            TemplateValue key = ((ListValue)pair).Items[position];
            return bound.IsTrue(1) ? key : Sorting.IgnoreCase(context, key);
        }
    }

    private static ListValue Map(RenderContext context, CallArguments arguments)
    {
        List<TemplateValue> items = ItemsIfAny(context, arguments.Positional[0]);
        if (arguments.Positional.Count == 1)
        {
            BoundArguments bound = new CallArguments([], arguments.Named).Bind(context, "map", "attribute", "default");
            TemplateValue path = bound.Required(0);
            return context.List([.. items.Select(item => Attribute(context, item, path, bound[1]))], SequenceKind.Generator);
        }

        string filter = Name(context, "map", arguments.Positional[1]);
        List<TemplateValue> rest = arguments.Positional[2..];
        return context.List(
            [.. items.Select(item => Filters.Apply(context, filter, Prepend(context, item, rest, arguments.Named)))], SequenceKind.Generator);
    }

    private static ListValue Select(RenderContext context, CallArguments arguments, bool isAttribute, bool keep)
    {
        int first = isAttribute ? 2 : 1;
        if (arguments.Positional.Count < first)
        {
            throw context.Error("the filter needs the name of an attribute");
        }

        TemplateValue? path = isAttribute ? arguments.Positional[1] : null;
        string? test = arguments.Positional.Count > first ? Name(context, "select", arguments.Positional[first]) : null;
        List<TemplateValue> rest = test is null ? [] : arguments.Positional[(first + 1)..];
        return context.List(
            [.. ItemsIfAny(context, arguments.Positional[0]).Where(item => Passes(item) == keep)], SequenceKind.Generator);

        bool Passes(TemplateValue item)
        {
            TemplateValue value = Attribute(context, item, path);
            return test is null ? value.IsTrue : Tests.Apply(context, test, Prepend(context, value, rest, arguments.Named));
        }
    }

    /// <summary>Map, select and reject take what is false, none included, for an empty list.</summary>
    private static List<TemplateValue> ItemsIfAny(RenderContext context, TemplateValue value) =>
        value.IsTrue ? Iteration.Items(context, value) : [];

    private static CallArguments Prepend(
        RenderContext context, TemplateValue first, List<TemplateValue> rest, List<(string Name, TemplateValue Value)> named)
    {
        context.Charge(1 + rest.Count);
        return new CallArguments([first, .. rest], named);
    }

    private static string Name(RenderContext context, string filter, TemplateValue value) => value is StringValue name
        ? name.Text
        : throw context.Error($"{filter} needs the name of a filter or test, not {value.TypeName}");

    /// <summary>The item itself without a path, else what "a.b.0" leads to.</summary>
    private static TemplateValue Attribute(RenderContext context, TemplateValue item, TemplateValue? path, TemplateValue? whenMissing = null)
    {
        context.Charge(1);
        if (path is null or NoneValue)
        {
            return item;
        }

        if (path is not StringValue names)
        {
            item = Attributes.GetItem(context, item, path);
            return item is UndefinedValue ? whenMissing ?? item : item;
        }

        context.Charge(names.Text.Length / 4);
        foreach (string part in names.Text.Split('.'))
        {
            bool isIndex = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index);
            item = Attributes.GetItem(context, item, isIndex ? new IntegerValue(index) : new StringValue(part));
            if (item is UndefinedValue && whenMissing is not null)
            {
                return whenMissing;
            }
        }

        return item;
    }
}
