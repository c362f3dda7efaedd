using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>==, &lt; and "in" with Python's meanings. Each compared item is charged: shared lists may unfold exponentially.</summary>
internal static class Comparison
{
    public static bool AreEqual(RenderContext context, TemplateValue left, TemplateValue right)
    {
        context.Enter();
        bool result = (left, right) switch
        {
            (StringValue a, StringValue b) => a.Text.Length == b.Text.Length && AreEqual(context, a.Text, b.Text),
            (ListValue a, ListValue b) => ReferenceEquals(a, b) || (a.Kind == b.Kind && ItemsEqual(context, a.Items, b.Items)),
            (DictValue a, DictValue b) => ReferenceEquals(a, b) || ItemsEqual(context, a, b),
            (UndefinedValue, UndefinedValue) => true,
            _ when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.Compare(left, right) == 0,
            _ => ReferenceEquals(left, right),
        };
        context.Leave();
        return result;
    }

    /// <summary>Below, at or above 0; null with NaN, which is neither.</summary>
    public static int? Order(RenderContext context, TemplateValue left, TemplateValue right, string symbol = "<")
    {
        context.Enter();
        int? result = (left, right) switch
        {
            (StringValue a, StringValue b) => Order(context, a.Text, b.Text),
            (ListValue a, ListValue b) when a.Kind == b.Kind && a.Kind != SequenceKind.Generator => Order(context, a.Items, b.Items, symbol),
            _ when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.Compare(left, right),
            (UndefinedValue undefined, _) => throw context.Error(undefined.Reason),
            (_, UndefinedValue undefined) => throw context.Error(undefined.Reason),
            _ => throw context.Error($"'{symbol}' is not supported between '{left.TypeName}' and '{right.TypeName}'"),
        };
        context.Leave();
        return result;
    }

    public static bool Contains(RenderContext context, TemplateValue container, TemplateValue item)
    {
        switch (container)
        {
            case StringValue text when item is StringValue part:
                context.ChargeSearch(text.Text, part.Text);
                return text.Text.Contains(part.Text, StringComparison.Ordinal);
            case StringValue:
                throw context.Error($"'in <string>' requires a string as its left operand, not {item.TypeName}");
            case DictValue dict:
                return dict.Find(context.RequireHashable(item)) is not null;
            case ListValue list:
                foreach (TemplateValue candidate in list.Items)
                {
                    if (AreEqual(context, candidate, item))
                    {
                        return true;
                    }
                }

                return false;
            case UndefinedValue:
                return false;
            default:
                throw context.Error($"argument of type '{container.TypeName}' is not iterable");
        }
    }

    private static bool AreEqual(RenderContext context, string left, string right)
    {
        context.ChargeScan(left);
        return left == right;
    }

    private static int Order(RenderContext context, string left, string right)
    {
        context.ChargeScan(left.Length < right.Length ? left : right);
        return CodePoints.Compare(left, right);
    }

    private static bool ItemsEqual(RenderContext context, List<TemplateValue> left, List<TemplateValue> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (int i = 0; i < left.Count; i++)
        {
            if (!AreEqual(context, left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool ItemsEqual(RenderContext context, DictValue left, DictValue right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach ((TemplateValue key, TemplateValue value) in left.Items)
        {
            if (right.Find(key) is not { } other || !AreEqual(context, value, other))
            {
                return false;
            }
        }

        return true;
    }

    private static int? Order(RenderContext context, List<TemplateValue> left, List<TemplateValue> right, string symbol)
    {
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!AreEqual(context, left[i], right[i]))
            {
                return Order(context, left[i], right[i], symbol);
            }
        }

        return left.Count.CompareTo(right.Count);
    }
}
