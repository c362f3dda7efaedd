using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Functions that every template has: Jinja's and those of transformers.</summary>
internal static class Globals
{
    private const int StepsPerInteger = 4;

    public static Scope Scope { get; } = Create();

    private static Scope Create()
    {
        Scope scope = new(null);
        Add("range", Range);
        Add("namespace", Namespace);
        Add("dict", Dict);
        Add("joiner", Joiner);
        Add("raise_exception", RaiseException);
        Add("strftime_now", (context, arguments) => context.Text(
            TimeFormat.Format(context, context.Time.GetLocalNow(), arguments.Bind(context, "strftime_now", "format").Text(0))));
        return scope;

        void Add(string name, Func<RenderContext, CallArguments, TemplateValue> body) => scope.Set(name, new CallableValue(name, body));
    }

    private static ListValue Range(RenderContext context, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "range", "start", "stop", "step");
        bool isStopOnly = bound[1] is null;
        long start = isStopOnly ? 0 : bound.Integer(0);
        long stop = isStopOnly ? bound.Integer(0) : bound.Integer(1);
        long step = bound.Integer(2, 1);
        if (step == 0)
        {
            throw context.Error("the step of range must not be zero");
        }

        long count = Math.Max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);
        if (count > context.Limits.MaxRange)
        {
            throw context.Error($"a range has {count} elements, the limit is {context.Limits.MaxRange}");
        }

        context.Charge(count * StepsPerInteger);
        List<TemplateValue> items = new((int)count);
        for (long i = 0; i < count; i++)
        {
            items.Add(new IntegerValue(start + (i * step)));
        }

        return context.List(items);
    }

    private static NamespaceValue Namespace(RenderContext context, CallArguments arguments)
    {
        NamespaceValue space = new();
        foreach ((TemplateValue key, TemplateValue value) in Dict(context, arguments).Items)
        {
            space.Attributes[PythonText.Str(context, key)] = value;
        }

        return space;
    }

    private static DictValue Dict(RenderContext context, CallArguments arguments)
    {
        DictValue result = new();
        foreach (TemplateValue value in arguments.Positional)
        {
            DictMethods.Update(context, result, value);
        }

        foreach ((string name, TemplateValue value) in arguments.Named)
        {
            context.Charge(1);
            result.Set(name, value);
        }

        return result;
    }

    private static CallableValue Joiner(RenderContext context, CallArguments arguments)
    {
        string separator = arguments.Bind(context, "joiner", "sep").Text(0, ", ");
        bool isUsed = false;
        return new CallableValue("joiner", (_, _) =>
        {
            bool wasUsed = isUsed;
            isUsed = true;
            return wasUsed ? new StringValue(separator) : StringValue.Empty;
        });
    }

    private static TemplateValue RaiseException(RenderContext context, CallArguments arguments) =>
        throw new ChatTemplateException(
            PythonText.Str(context, arguments.Bind(context, "raise_exception", "message").Required(0)), context.Line, isRaisedByTemplate: true);
}
