using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>Evaluated arguments of a call.</summary>
internal sealed class CallArguments(List<TemplateValue> positional, List<(string Name, TemplateValue Value)> named)
{
    public List<TemplateValue> Positional => positional;

    public List<(string Name, TemplateValue Value)> Named => named;

    public static CallArguments Of(params TemplateValue[] positional) => new([.. positional], []);

    /// <summary>Puts the arguments in the order of the parameters; refuses surplus, unknown and doubled ones.</summary>
    public BoundArguments Bind(RenderContext context, string function, params ReadOnlySpan<string> parameters)
    {
        if (positional.Count > parameters.Length)
        {
            throw context.Error($"{function} takes at most {parameters.Length} arguments, {positional.Count} are given");
        }

        TemplateValue?[] values = [.. positional, .. new TemplateValue?[parameters.Length - positional.Count]];
        foreach ((string name, TemplateValue value) in named)
        {
            int index = parameters.IndexOf(name);
            if (index < 0 || values[index] is not null)
            {
                throw context.Error($"{function} got {(index < 0 ? "an unexpected" : "twice the")} argument '{name}'");
            }

            values[index] = value;
        }

        return new BoundArguments(context, function, values);
    }
}
