using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Text.ChatTemplates.Evaluation;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Template values from JSON: integers stay integers, objects keep their order.</summary>
internal static class JsonValues
{
    private const int StepsPerCharacterParsed = 8;

    /// <exception cref="ChatTemplateException">Nested too deep, or an object names a property twice.</exception>
    public static TemplateValue Read(RenderContext context, JsonNode? node)
    {
        context.Enter();
        TemplateValue value = node switch
        {
            null => NoneValue.Instance,
            JsonArray array => new ListValue([.. array.Select(item => Read(context, item))]),
            JsonObject properties => ReadObject(context, properties),
            _ => node.GetValueKind() switch
            {
                JsonValueKind.String => context.Text(node.GetValue<string>()),
                JsonValueKind.True => BooleanValue.True,
                JsonValueKind.False => BooleanValue.False,
                JsonValueKind.Number => ReadNumber(node.ToJsonString()),
                _ => NoneValue.Instance,
            },
        };
        context.Leave();
        return value;
    }

    /// <summary>Parses JSON text.</summary>
    public static TemplateValue Parse(RenderContext context, string json)
    {
        context.Charge((long)json.Length * StepsPerCharacterParsed);
        try
        {
            return Read(context, JsonNode.Parse(json));
        }
        catch (JsonException exception)
        {
            throw new ChatTemplateException($"from_json: {exception.Message}", context.Line, innerException: exception);
        }
    }

    private static DictValue ReadObject(RenderContext context, JsonObject properties)
    {
        DictValue dict = new();
        try
        {
            foreach ((string name, JsonNode? value) in properties)
            {
                dict.Set(context.Text(name), Read(context, value));
            }
        }
        catch (ArgumentException exception)
        {
            throw new ChatTemplateException($"a JSON object names a property twice: {exception.Message}", context.Line, innerException: exception);
        }

        return dict;
    }

    private static TemplateValue ReadNumber(string text) =>
        text.AsSpan().ContainsAny('.', 'e', 'E') || !Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 integer)
            ? new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture))
            : new IntegerValue(integer);
}
