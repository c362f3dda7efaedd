using Inference.Text.ChatTemplates.Library;
using Inference.Text.ChatTemplates.Syntax;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Evaluation;

/// <summary>Walks expressions.</summary>
internal sealed class ExpressionEvaluator(RenderContext context)
{
    private const int StepsPerCall = 10;

    public TemplateValue Evaluate(Expression expression, Scope scope)
    {
        context.Enter();
        context.Line = expression.Line;
        TemplateValue value = expression switch
        {
            ConstantExpression constant => constant.Value,
            NameExpression name => scope.Find(name.Name) ?? new UndefinedValue($"'{name.Name}' is undefined"),
            AttributeExpression attribute => Attributes.Get(context, Evaluate(attribute.Target, scope), attribute.Name),
            SubscriptExpression subscript => EvaluateSubscript(subscript, scope),
            CallExpression call => EvaluateCall(call, scope),
            FilterExpression filter => Apply(filter.Step, Evaluate(filter.Operand, scope), scope),
            TestExpression test => EvaluateTest(test, scope),
            UnaryExpression unary => EvaluateUnary(unary, scope),
            BinaryExpression binary => EvaluateBinary(binary, scope),
            LogicalExpression logical => EvaluateLogical(logical, scope),
            ComparisonExpression comparison => EvaluateComparison(comparison, scope),
            ConcatenationExpression concatenation => EvaluateConcatenation(concatenation, scope),
            ConditionalExpression conditional => EvaluateConditional(conditional, scope),
            ListExpression list => EvaluateList(list, scope),
            DictExpression dict => EvaluateDict(dict, scope),
            _ => throw context.Error("a slice stands only in [ ]"),
        };
        context.Leave();
        return value;
    }

    /// <summary>Applies one filter.</summary>
    public TemplateValue Apply(FilterStep step, TemplateValue value, Scope scope)
    {
        CallArguments arguments = Evaluate(step.Arguments, scope, value);
        context.Line = step.Line;
        return Filters.Apply(context, step.Name, arguments);
    }

    /// <summary>Evaluates the arguments of a call, after <paramref name="first"/> where a filter or test has one.</summary>
    public CallArguments Evaluate(ArgumentList arguments, Scope scope, TemplateValue? first = null)
    {
        List<TemplateValue> positional = first is null ? [] : [first];
        foreach (Expression argument in arguments.Positional)
        {
            positional.Add(Evaluate(argument, scope));
        }

        List<(string, TemplateValue)> named = [];
        foreach ((string name, Expression value) in arguments.Named)
        {
            named.Add((name, Evaluate(value, scope)));
        }

        if (arguments.Spread is not null)
        {
            positional.AddRange(Iteration.Items(context, Evaluate(arguments.Spread, scope)));
        }

        if (arguments.NamedSpread is not null)
        {
            AddNamed(named, Evaluate(arguments.NamedSpread, scope));
        }

        return new CallArguments(positional, named);
    }

    private void AddNamed(List<(string, TemplateValue)> named, TemplateValue value)
    {
        if (value is not DictValue dict)
        {
            throw context.Error($"what follows ** must be a dict, not {value.TypeName}");
        }

        foreach ((TemplateValue key, TemplateValue item) in dict.Items)
        {
            context.Charge(1);
            named.Add(key is StringValue name ? (name.Text, item) : throw context.Error("the keys of what follows ** must be strings"));
        }
    }

    private TemplateValue EvaluateSubscript(SubscriptExpression subscript, Scope scope)
    {
        TemplateValue target = Evaluate(subscript.Target, scope);
        return subscript.Index is SliceExpression slice
            ? Attributes.Slice(context, target, Bound(slice.Start), Bound(slice.Stop), Bound(slice.Step))
            : Attributes.GetItem(context, target, Evaluate(subscript.Index, scope));

        TemplateValue Bound(Expression? bound) => bound is null ? NoneValue.Instance : Evaluate(bound, scope);
    }

    private TemplateValue EvaluateCall(CallExpression call, Scope scope)
    {
        TemplateValue target = Evaluate(call.Target, scope);
        CallArguments arguments = Evaluate(call.Arguments, scope);
        context.Line = call.Line;
        context.Charge(StepsPerCall);
        return target switch
        {
            CallableValue function => function.Call(context, arguments),
            UndefinedValue undefined => throw context.Error(undefined.Reason),
            _ => throw context.Error($"a value of type {target.TypeName} cannot be called"),
        };
    }

    private BooleanValue EvaluateTest(TestExpression test, Scope scope)
    {
        TemplateValue operand = Evaluate(test.Operand, scope);
        CallArguments arguments = Evaluate(test.Arguments, scope, operand);
        context.Line = test.Line;
        return BooleanValue.Of(Tests.Apply(context, test.Name, arguments));
    }

    private TemplateValue EvaluateUnary(UnaryExpression unary, Scope scope)
    {
        TemplateValue operand = Evaluate(unary.Operand, scope);
        return unary.Operator switch
        {
            "not" => BooleanValue.Of(!operand.IsTrue),
            "-" => Arithmetic.Negate(context, operand),
            _ => Arithmetic.Negate(context, Arithmetic.Negate(context, operand)),
        };
    }

    private TemplateValue EvaluateBinary(BinaryExpression binary, Scope scope)
    {
        TemplateValue left = Evaluate(binary.Left, scope);
        TemplateValue right = Evaluate(binary.Right, scope);
        return Arithmetic.Apply(context, binary.Operator, left, right);
    }

    private TemplateValue EvaluateLogical(LogicalExpression logical, Scope scope)
    {
        TemplateValue left = Evaluate(logical.Left, scope);
        return left.IsTrue == logical.IsAnd ? Evaluate(logical.Right, scope) : left;
    }

    private BooleanValue EvaluateComparison(ComparisonExpression comparison, Scope scope)
    {
        TemplateValue left = Evaluate(comparison.First, scope);
        foreach ((string symbol, Expression operand) in comparison.Rest)
        {
            TemplateValue right = Evaluate(operand, scope);
            if (!Compare(symbol, left, right))
            {
                return BooleanValue.False;
            }

            left = right;
        }

        return BooleanValue.True;
    }

    private bool Compare(string symbol, TemplateValue left, TemplateValue right) => symbol switch
    {
        "==" => Comparison.AreEqual(context, left, right),
        "!=" => !Comparison.AreEqual(context, left, right),
        "<" => Comparison.Order(context, left, right, symbol) < 0,
        "<=" => Comparison.Order(context, left, right, symbol) <= 0,
        ">" => Comparison.Order(context, left, right, symbol) > 0,
        ">=" => Comparison.Order(context, left, right, symbol) >= 0,
        "in" => Comparison.Contains(context, right, left),
        _ => !Comparison.Contains(context, right, left),
    };

    private StringValue EvaluateConcatenation(ConcatenationExpression concatenation, Scope scope)
    {
        TextBuilder output = new(context);
        foreach (Expression item in concatenation.Items)
        {
            output.Append(PythonText.Str(context, Evaluate(item, scope)));
        }

        return new StringValue(output.ToString());
    }

    private TemplateValue EvaluateConditional(ConditionalExpression conditional, Scope scope) =>
        Evaluate(conditional.Test, scope).IsTrue ? Evaluate(conditional.Then, scope)
        : conditional.Else is not null ? Evaluate(conditional.Else, scope)
        : new UndefinedValue("the inline if-expression is false and has no else");

    private ListValue EvaluateList(ListExpression list, Scope scope)
    {
        List<TemplateValue> items = new(list.Items.Length);
        foreach (Expression item in list.Items)
        {
            items.Add(Evaluate(item, scope));
        }

        return new ListValue(items, list.IsTuple ? SequenceKind.Tuple : SequenceKind.List);
    }

    private DictValue EvaluateDict(DictExpression dict, Scope scope)
    {
        DictValue result = new();
        foreach ((Expression key, Expression value) in dict.Pairs)
        {
            result.Set(context.RequireHashable(Evaluate(key, scope)), Evaluate(value, scope));
        }

        return result;
    }
}
