using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>What "for" and the filters loop over.</summary>
internal static class Iteration
{
    /// <summary>The items of a list, the keys of a dict, the characters of a text; nothing for undefined. A copy: loops may change the list.</summary>
    public static List<TemplateValue> Items(RenderContext context, TemplateValue value)
    {
        List<TemplateValue> items = value switch
        {
            ListValue list => [.. list.Items],
            DictValue dict => [.. dict.Keys],
            StringValue text => Characters(context, text.Text),
            UndefinedValue => [],
            _ => throw context.Error($"'{value.TypeName}' object is not iterable"),
        };
        context.Charge(items.Count);
        return items;
    }

    private static List<TemplateValue> Characters(RenderContext context, string text)
    {
        context.Charge((long)text.Length * RenderContext.StepsPerText);
        CodePoints points = new(text);
        List<TemplateValue> items = new(points.Length);
        for (int i = 0; i < points.Length; i++)
        {
            items.Add(new StringValue(points[i]));
        }

        return items;
    }
}
