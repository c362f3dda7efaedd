using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Python's stable sort.</summary>
internal static class Sorting
{
    public static List<T> Sort<T>(RenderContext context, IReadOnlyList<T> items, Func<T, TemplateValue> key, bool isDescending)
    {
        (T Item, TemplateValue Key)[] keyed = [.. items.Select(item => (item, key(item)))];
        context.Charge(keyed.Length);
        MergeSort(keyed, new (T Item, TemplateValue Key)[keyed.Length], (a, b) =>
        {
            int order = Comparison.Order(context, a.Key, b.Key) ?? 0;
            return isDescending ? -order : order;
        });
        return [.. keyed.Select(pair => pair.Item)];
    }

    /// <summary>Text in lower case, other values as they are: Jinja's default when it compares.</summary>
    public static TemplateValue IgnoreCase(RenderContext context, TemplateValue value) =>
        value is StringValue text ? context.Text(text.Text.ToLowerInvariant()) : value;

    /// <summary>Stable, and lets an exception of the comparison through as it is, which Array.Sort wraps.</summary>
    private static void MergeSort<T>(Span<T> items, Span<T> buffer, Comparison<T> compare)
    {
        if (items.Length < 2)
        {
            return;
        }

        int middle = items.Length / 2;
        MergeSort(items[..middle], buffer[..middle], compare);
        MergeSort(items[middle..], buffer[middle..], compare);
        items.CopyTo(buffer);
        int left = 0;
        int right = middle;
        for (int i = 0; i < items.Length; i++)
        {
            bool takeLeft = right >= items.Length || (left < middle && compare(buffer[left], buffer[right]) <= 0);
            items[i] = takeLeft ? buffer[left++] : buffer[right++];
        }
    }
}
