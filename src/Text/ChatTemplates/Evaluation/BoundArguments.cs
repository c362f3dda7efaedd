using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>Arguments by position of their parameter, read with the type that the function needs.</summary>
internal sealed class BoundArguments(RenderContext context, string function, TemplateValue?[] values)
{
    /// <summary>Null where the argument is not given.</summary>
    public TemplateValue? this[int index] => values[index];

    public TemplateValue Required(int index) =>
        values[index] ?? throw context.Error($"{function} lacks its argument {index + 1}");

    public string Text(int index) => Required(index) is StringValue text
        ? text.Text
        : throw context.Error($"argument {index + 1} of {function} must be a string, not {values[index]!.TypeName}");

    public string Text(int index, string whenAbsent) => values[index] is null ? whenAbsent : Text(index);

    /// <summary>An integer, clamped to the range of int.</summary>
    public int Integer(int index) => Numbers.IsInteger(Required(index))
        ? (int)Int128.Clamp(Numbers.ToInteger(values[index]!), int.MinValue, int.MaxValue)
        : throw context.Error($"argument {index + 1} of {function} must be an integer, not {values[index]!.TypeName}");

    public int Integer(int index, int whenAbsent) => values[index] is null ? whenAbsent : Integer(index);

    public bool IsTrue(int index) => values[index]?.IsTrue ?? false;
}
