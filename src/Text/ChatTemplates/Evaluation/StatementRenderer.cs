using Inference.Text.ChatTemplates.Syntax;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>Runs statements. Loops, macros, "with" and "generation" have scopes of their own; "if" shares its surroundings' one.</summary>
internal sealed class StatementRenderer(RenderContext context)
{
    private const int StepsPerScope = 10;
    private readonly ExpressionEvaluator _expressions = new(context);

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public void Render(Statement[] body, Scope scope, TextBuilder output) => RenderBody(body, scope, output);

    private Flow RenderBody(Statement[] body, Scope scope, TextBuilder output)
    {
        foreach (Statement statement in body)
        {
            context.Enter();
            context.Line = statement.Line;
            Flow flow = RenderStatement(statement, scope, output);
            context.Leave();
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow RenderStatement(Statement statement, Scope scope, TextBuilder output)
    {
        switch (statement)
        {
            case TextStatement text:
                output.Append(text.Text);
                return Flow.Next;
            case OutputStatement value:
                output.Append(PythonText.Str(context, _expressions.Evaluate(value.Value, scope)));
                return Flow.Next;
            case IfStatement branches:
                return RenderIf(branches, scope, output);
            case ForStatement loop:
                return RenderFor(loop, scope, output);
            case SetStatement set:
                Assign(set.Target, _expressions.Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlockStatement set:
                Assign(set.Target, Filter(set.Filters, Capture(set.Body, new Scope(scope)), scope), scope);
                return Flow.Next;
            case MacroStatement macro:
                scope.Set(macro.Name, Macro(macro.Name, macro.Parameters, macro.Body, scope));
                return Flow.Next;
            case CallStatement call:
                output.Append(PythonText.Str(context, Call(call, scope)));
                return Flow.Next;
            case FilterStatement filter:
                output.Append(PythonText.Str(context, Filter(filter.Filters, Capture(filter.Body, new Scope(scope)), scope)));
                return Flow.Next;
            case WithStatement with:
                return RenderWith(with, scope, output);
            case GenerationStatement generation:
                return RenderGeneration(generation, scope, output);
            case LoopControlStatement control:
                return control.IsBreak ? Flow.Break : Flow.Continue;
            default:
                throw context.Error("unknown statement");
        }
    }

    private Flow RenderIf(IfStatement statement, Scope scope, TextBuilder output)
    {
        foreach ((Expression test, Statement[] body) in statement.Branches)
        {
            if (_expressions.Evaluate(test, scope).IsTrue)
            {
                return RenderBody(body, scope, output);
            }
        }

        return RenderBody(statement.Else, scope, output);
    }

    private Flow RenderFor(ForStatement statement, Scope scope, TextBuilder output)
    {
        List<TemplateValue> items = Iteration.Items(context, _expressions.Evaluate(statement.Iterable, scope));
        if (statement.Filter is not null)
        {
            items = [.. items.Where(item => Passes(statement, item, scope))];
        }

        if (items.Count == 0)
        {
            return RenderBody(statement.Else, new Scope(scope), output);
        }

        LoopValue loop = new(items);
        for (int i = 0; i < items.Count; i++)
        {
            context.Charge(StepsPerScope);
            loop.Index = i;
            Scope inner = new(scope);
            inner.Set("loop", loop);
            Assign(statement.Target, items[i], inner);
            if (RenderBody(statement.Body, inner, output) == Flow.Break)
            {
                break;
            }
        }

        return Flow.Next;
    }

    private bool Passes(ForStatement statement, TemplateValue item, Scope scope)
    {
        Scope inner = new(scope);
        Assign(statement.Target, item, inner);
        return _expressions.Evaluate(statement.Filter!, inner).IsTrue;
    }

    private Flow RenderWith(WithStatement statement, Scope scope, TextBuilder output)
    {
        Scope inner = new(scope);
        foreach ((Target target, Expression value) in statement.Variables)
        {
            Assign(target, _expressions.Evaluate(value, scope), inner);
        }

        return RenderBody(statement.Body, inner, output);
    }

    private Flow RenderGeneration(GenerationStatement statement, Scope scope, TextBuilder output)
    {
        int start = output.Length;
        Flow flow = RenderBody(statement.Body, new Scope(scope), output);
        output.MarkGeneration(start);
        return flow;
    }

    private TemplateValue Call(CallStatement statement, Scope scope)
    {
        TemplateValue target = _expressions.Evaluate(statement.Call.Target, scope);
        CallArguments arguments = _expressions.Evaluate(statement.Call.Arguments, scope);
        arguments.Named.Add(("caller", Macro("caller", statement.Parameters, statement.Body, scope)));
        context.Line = statement.Line;
        return target is CallableValue macro
            ? macro.Call(context, arguments)
            : throw context.Error($"a value of type {target.TypeName} cannot be called");
    }

    private CallableValue Macro(string name, Parameter[] parameters, Statement[] body, Scope definition) => new(name, (_, arguments) =>
    {
        context.Enter();
        context.Charge(StepsPerScope);
        Scope inner = new(definition);
        BindParameters(name, parameters, arguments, inner);
        StringValue result = Capture(body, inner);
        context.Leave();
        return result;
    });

    /// <summary>As Jinja: a missing argument is undefined; surplus ones are in varargs and kwargs.</summary>
    private void BindParameters(string name, Parameter[] parameters, CallArguments arguments, Scope inner)
    {
        DictValue surplus = new();
        Dictionary<string, TemplateValue> named = new(StringComparer.Ordinal);
        foreach ((string key, TemplateValue value) in arguments.Named)
        {
            if (!named.TryAdd(key, value))
            {
                throw context.Error($"{name} got twice the argument '{key}'");
            }
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            bool isNamed = named.Remove(parameters[i].Name, out TemplateValue? value);
            if (i < arguments.Positional.Count)
            {
                value = isNamed ? throw context.Error($"{name} got twice the argument '{parameters[i].Name}'") : arguments.Positional[i];
            }

            value ??= parameters[i].Default is { } expression
                ? _expressions.Evaluate(expression, inner)
                : new UndefinedValue($"parameter '{parameters[i].Name}' was not provided");
            inner.Set(parameters[i].Name, value);
        }

        foreach ((string key, TemplateValue value) in named)
        {
            if (key == "caller")
            {
                inner.Set(key, value);
            }
            else
            {
                surplus.Set(key, value);
            }
        }

        inner.Set("varargs", context.List([.. arguments.Positional.Skip(parameters.Length)], SequenceKind.Tuple));
        inner.Set("kwargs", surplus);
    }

    private StringValue Capture(Statement[] body, Scope scope)
    {
        TextBuilder output = new(context);
        RenderBody(body, scope, output);
        return new StringValue(output.ToString());
    }

    private TemplateValue Filter(FilterStep[] filters, TemplateValue value, Scope scope)
    {
        foreach (FilterStep step in filters)
        {
            value = _expressions.Apply(step, value, scope);
        }

        return value;
    }

    private void Assign(Target target, TemplateValue value, Scope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case AttributeTarget attribute:
                if (scope.Find(attribute.Name) is not NamespaceValue space)
                {
                    throw context.Error($"cannot assign to '{attribute.Name}.{attribute.Attribute}': '{attribute.Name}' is no namespace");
                }

                space.Attributes[attribute.Attribute] = value;
                break;
            case TupleTarget tuple:
                List<TemplateValue> items = Iteration.Items(context, value);
                if (items.Count != tuple.Items.Length)
                {
                    throw context.Error($"{tuple.Items.Length} values are expected to unpack, {items.Count} are given");
                }

                for (int i = 0; i < items.Count; i++)
                {
                    Assign(tuple.Items[i], items[i], scope);
                }

                break;
        }
    }
}
