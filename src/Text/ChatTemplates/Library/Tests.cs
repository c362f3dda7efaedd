using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>What may stand after "is".</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<RenderContext, CallArguments, bool>> ByName = new(StringComparer.Ordinal)
    {
        ["defined"] = Unary(value => value is not UndefinedValue),
        ["undefined"] = Unary(value => value is UndefinedValue),
        ["none"] = Unary(value => value is NoneValue),
        ["boolean"] = Unary(value => value is BooleanValue),
        ["true"] = Unary(value => value == BooleanValue.True),
        ["false"] = Unary(value => value == BooleanValue.False),
        ["string"] = Unary(value => value is StringValue),
        ["number"] = Unary(Numbers.IsNumber),
        ["integer"] = Unary(value => value is IntegerValue),
        ["float"] = Unary(value => value is FloatValue),
        ["mapping"] = Unary(value => value is DictValue),
        ["sequence"] = Unary(value => value is StringValue or DictValue or UndefinedValue or ListValue { Kind: not SequenceKind.Generator }),
        ["iterable"] = Unary(value => value is StringValue or DictValue or UndefinedValue or ListValue),
        ["callable"] = Unary(value => value is CallableValue),
        ["escaped"] = Unary(value => value is StringValue { IsMarkup: true }),
        ["even"] = (context, arguments) => Remainder(context, arguments) == 0,
        ["odd"] = (context, arguments) => Remainder(context, arguments) == 1,
        ["divisibleby"] = (context, arguments) => Divides(context, arguments),
        ["lower"] = (context, arguments) => IsCased(context, arguments, isUpper: false),
        ["upper"] = (context, arguments) => IsCased(context, arguments, isUpper: true),
        ["sameas"] = Binary((_, a, b) => ReferenceEquals(a, b) || (a is StringValue x && b is StringValue y && x.Text == y.Text)
            || (a is IntegerValue i && b is IntegerValue j && i.Value == j.Value)),
        ["in"] = Binary((context, item, container) => Comparison.Contains(context, container, item)),
        ["filter"] = Unary(value => value is StringValue name && Filters.Exists(name.Text)),
        ["test"] = Unary(value => value is StringValue name && Exists(name.Text)),
    };

    static Tests()
    {
        Alias(Binary(Comparison.AreEqual), "eq", "equalto", "==");
        Alias(Binary((context, a, b) => !Comparison.AreEqual(context, a, b)), "ne", "!=");
        Alias(Binary((context, a, b) => Comparison.Order(context, a, b) < 0), "lt", "lessthan", "<");
        Alias(Binary((context, a, b) => Comparison.Order(context, a, b, "<=") <= 0), "le", "<=");
        Alias(Binary((context, a, b) => Comparison.Order(context, a, b, ">") > 0), "gt", "greaterthan", ">");
        Alias(Binary((context, a, b) => Comparison.Order(context, a, b, ">=") >= 0), "ge", ">=");
    }

    public static bool Exists(string name) => ByName.ContainsKey(name);

    /// <summary>The first argument is the value under test.</summary>
    public static bool Apply(RenderContext context, string name, CallArguments arguments) =>
        ByName.TryGetValue(name, out Func<RenderContext, CallArguments, bool>? test)
            ? test(context, arguments)
            : throw context.Error($"there is no test named '{name}'");

    private static void Alias(Func<RenderContext, CallArguments, bool> test, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            ByName[name] = test;
        }
    }

    private static Func<RenderContext, CallArguments, bool> Unary(Func<TemplateValue, bool> test) =>
        (context, arguments) => test(arguments.Bind(context, "the test", "value").Required(0));

    private static Func<RenderContext, CallArguments, bool> Binary(Func<RenderContext, TemplateValue, TemplateValue, bool> test) =>
        (context, arguments) =>
        {
            BoundArguments bound = arguments.Bind(context, "the test", "value", "other");
            return test(context, bound.Required(0), bound.Required(1));
        };

    private static bool IsCased(RenderContext context, CallArguments arguments, bool isUpper)
    {
        string text = PythonText.Str(context, arguments.Positional[0]);
        context.ChargeScan(text);
        return StringMethods.IsCased(text, isUpper);
    }

    private static double Remainder(RenderContext context, CallArguments arguments) =>
        Numbers.ToDouble(Arithmetic.Apply(context, "%", arguments.Positional[0], new IntegerValue(2)));

    private static bool Divides(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "divisibleby", "value", "num");
        return Numbers.ToDouble(Arithmetic.Apply(context, "%", bound.Required(0), bound.Required(1))) == 0;
    }
}
