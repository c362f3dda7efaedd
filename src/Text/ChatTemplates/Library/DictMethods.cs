using Inference.Text.ChatTemplates.Evaluation;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Library;

/// <summary>Python's methods of dict. Views are lists.</summary>
internal static class DictMethods
{
    private const int StepsPerItem = 8;

    private static readonly Dictionary<string, Func<RenderContext, DictValue, CallArguments, TemplateValue>> ByName = new(StringComparer.Ordinal)
    {
        ["get"] = (context, dict, arguments) =>
        {
            BoundArguments bound = arguments.Bind(context, "get", "key", "default");
            return dict.Find(context.RequireHashable(bound.Required(0))) ?? bound[1] ?? NoneValue.Instance;
        },
        ["items"] = (context, dict, _) => Items(context, dict),
        ["keys"] = (context, dict, _) => context.List([.. dict.Keys]),
        ["values"] = (context, dict, _) => context.List([.. dict.Items.Select(item => item.Value)]),
        ["copy"] = (context, dict, _) => Copy(context, dict),
        ["pop"] = Pop,
        ["setdefault"] = SetDefault,
        ["update"] = (context, dict, arguments) =>
        {
            arguments.Positional.ForEach(value => Update(context, dict, value));
            arguments.Named.ForEach(pair => dict.Set(pair.Name, pair.Value));
            return NoneValue.Instance;
        },
        ["clear"] = (_, dict, _) =>
        {
            dict.Clear();
            return NoneValue.Instance;
        },
    };

    public static CallableValue? Find(DictValue dict, string name) =>
        ByName.TryGetValue(name, out Func<RenderContext, DictValue, CallArguments, TemplateValue>? method)
            ? new CallableValue(name, (context, arguments) => method(context, dict, arguments))
            : null;

    /// <summary>A list of tuples.</summary>
    public static ListValue Items(RenderContext context, DictValue dict)
    {
        context.Charge((long)dict.Count * StepsPerItem);
        return context.List([.. dict.Items.Select(item => ListValue.Tuple(item.Key, item.Value))]);
    }

    /// <summary>Adds the items of a dict or of a list of pairs.</summary>
    public static void Update(RenderContext context, DictValue dict, TemplateValue value)
    {
        TemplateValue pairs = value is DictValue other ? Items(context, other) : value;
        foreach (TemplateValue pair in Iteration.Items(context, pairs))
        {
            List<TemplateValue> item = Iteration.Items(context, pair);
            if (item.Count != 2)
            {
                throw context.Error($"a dict is made of pairs, here is one of {item.Count} items");
            }

            dict.Set(context.RequireHashable(item[0]), item[1]);
        }
    }

    private static DictValue Copy(RenderContext context, DictValue dict)
    {
        DictValue copy = new();
        Update(context, copy, dict);
        return copy;
    }

    private static TemplateValue Pop(RenderContext context, DictValue dict, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "pop", "key", "default");
        TemplateValue key = context.RequireHashable(bound.Required(0));
        TemplateValue value = dict.Find(key) ?? bound[1] ?? throw context.Error($"pop: the dict has no key {PythonText.Repr(context, key)}");
        context.Charge(dict.Count);
        dict.Remove(key);
        return value;
    }

    private static TemplateValue SetDefault(RenderContext context, DictValue dict, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind(context, "setdefault", "key", "default");
        TemplateValue key = context.RequireHashable(bound.Required(0));
        TemplateValue value = dict.Find(key) ?? bound[1] ?? NoneValue.Instance;
        dict.Set(key, value);
        return value;
    }
}
