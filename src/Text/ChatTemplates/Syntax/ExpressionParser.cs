using System.Text;
using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Syntax;

/// <summary>Recursive descent over Jinja's expression grammar, loosest binding first.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly HashSet<string> ComparisonOperators = ["==", "!=", "<", "<=", ">", ">="];

    public Expression Parse(bool allowConditional = true)
    {
        tokens.Enter();
        Expression expression = allowConditional ? ParseConditional() : ParseOr();
        tokens.Leave();
        return expression;
    }

    /// <summary>An expression, or a tuple where commas follow; a tuple may end in a comma.</summary>
    public Expression ParseTuple(bool allowConditional = true, bool allowEmpty = false, string? endName = null)
    {
        int line = tokens.Current.Line;
        List<Expression> items = [];
        bool isTuple = false;
        while (!IsTupleEnd(endName))
        {
            items.Add(Parse(allowConditional));
            if (!tokens.SkipOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        if (isTuple)
        {
            return new ListExpression([.. items], IsTuple: true, line);
        }

        return items.Count == 1 ? items[0]
            : allowEmpty ? new ListExpression([], IsTuple: true, line)
            : throw tokens.Error($"expected an expression, found {tokens.Current.Describe()}");
    }

    public FilterStep ParseFilterStep()
    {
        int line = tokens.Current.Line;
        string name = ParseDottedName();
        return new FilterStep(name, tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty, line);
    }

    public ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? spread = null;
        Expression? namedSpread = null;
        while (!tokens.SkipOperator(")"))
        {
            if (tokens.SkipOperator("*"))
            {
                Require(spread is null && namedSpread is null);
                spread = Parse();
            }
            else if (tokens.SkipOperator("**"))
            {
                Require(namedSpread is null);
                namedSpread = Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                Require(namedSpread is null);
                string name = tokens.Next().Value;
                tokens.Next();
                named.Add((name, Parse()));
            }
            else
            {
                Require(spread is null && namedSpread is null && named.Count == 0);
                positional.Add(Parse());
            }

            if (!tokens.Current.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new ArgumentList([.. positional], [.. named], spread, namedSpread);
    }

    /// <summary>A name, a literal or something in brackets.</summary>
    public Expression ParsePrimary()
    {
        Token token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Next();
                return ParseName(token);
            case TokenKind.String:
                StringBuilder text = new();
                while (tokens.Current.Kind == TokenKind.String)
                {
                    text.Append(tokens.Next().Value);
                }

                return new ConstantExpression(new StringValue(text.ToString()), token.Line);
            case TokenKind.Integer:
                tokens.Next();
                Int128 integer = NumberLiteral.ParseInteger(token.Value)
                    ?? throw new ChatTemplateException($"{token.Value} is no integer of at most 128 bits", token.Line);
                return new ConstantExpression(new IntegerValue(integer), token.Line);
            case TokenKind.Float:
                tokens.Next();
                return new ConstantExpression(new FloatValue(NumberLiteral.ParseFloat(token.Value)), token.Line);
            case TokenKind.Operator when token.Value == "(":
                tokens.Next();
                Expression inner = ParseTuple(allowEmpty: true);
                tokens.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Value == "[":
                return ParseList();
            case TokenKind.Operator when token.Value == "{":
                return ParseDict();
            default:
                throw tokens.Error($"unexpected {token.Describe()}");
        }
    }

    private static Expression ParseName(Token token) => token.Value switch
    {
        "true" or "True" => new ConstantExpression(BooleanValue.True, token.Line),
        "false" or "False" => new ConstantExpression(BooleanValue.False, token.Line),
        "none" or "None" => new ConstantExpression(NoneValue.Instance, token.Line),
        _ => new NameExpression(token.Value, token.Line),
    };

    private Expression ParseConditional()
    {
        int line = tokens.Current.Line;
        Expression expression = ParseOr();
        while (tokens.SkipName("if"))
        {
            Expression test = ParseOr();
            Expression? otherwise = tokens.SkipName("else") ? Parse() : null;
            expression = new ConditionalExpression(test, expression, otherwise, line);
        }

        return expression;
    }

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        while (tokens.SkipName("or"))
        {
            left = new LogicalExpression(IsAnd: false, left, ParseAnd(), left.Line);
        }

        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (tokens.SkipName("and"))
        {
            left = new LogicalExpression(IsAnd: true, left, ParseNot(), left.Line);
        }

        return left;
    }

    private Expression ParseNot()
    {
        int line = tokens.Current.Line;
        if (!tokens.SkipName("not"))
        {
            return ParseComparison();
        }

        tokens.Enter();
        Expression operand = ParseNot();
        tokens.Leave();
        return new UnaryExpression("not", operand, line);
    }

    private Expression ParseComparison()
    {
        Expression first = ParseSum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            if (tokens.Current.Kind == TokenKind.Operator && ComparisonOperators.Contains(tokens.Current.Value))
            {
                rest.Add((tokens.Next().Value, ParseSum()));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (tokens.Current.IsName("not") && tokens.Following.IsName("in"))
            {
                tokens.Next();
                tokens.Next();
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new ComparisonExpression(first, [.. rest], first.Line);
            }
        }
    }

    private Expression ParseSum()
    {
        Expression left = ParseConcatenation();
        while (tokens.Current.IsOperator("+") || tokens.Current.IsOperator("-"))
        {
            left = new BinaryExpression(tokens.Next().Value, left, ParseConcatenation(), left.Line);
        }

        return left;
    }

    private Expression ParseConcatenation()
    {
        Expression first = ParseProduct();
        if (!tokens.Current.IsOperator("~"))
        {
            return first;
        }

        List<Expression> items = [first];
        while (tokens.SkipOperator("~"))
        {
            items.Add(ParseProduct());
        }

        return new ConcatenationExpression([.. items], first.Line);
    }

    private Expression ParseProduct()
    {
        Expression left = ParsePower();
        while (tokens.Current.Kind == TokenKind.Operator && tokens.Current.Value is "*" or "/" or "//" or "%")
        {
            left = new BinaryExpression(tokens.Next().Value, left, ParsePower(), left.Line);
        }

        return left;
    }

    private Expression ParsePower()
    {
        Expression left = ParseUnary();
        while (tokens.SkipOperator("**"))
        {
            left = new BinaryExpression("**", left, ParseUnary(), left.Line);
        }

        return left;
    }

    private Expression ParseUnary(bool allowFilters = true)
    {
        Token token = tokens.Current;
        Expression expression;
        if (token.IsOperator("-") || token.IsOperator("+"))
        {
            tokens.Next();
            tokens.Enter();
            expression = new UnaryExpression(token.Value, ParseUnary(allowFilters: false), token.Line);
            tokens.Leave();
        }
        else
        {
            expression = ParsePrimary();
        }

        expression = ParsePostfix(expression);
        return allowFilters ? ParseFiltersAndTests(expression) : expression;
    }

    private Expression ParsePostfix(Expression expression)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            switch (tokens.Current.Value)
            {
                case ".":
                    expression = ParseAttribute(expression);
                    break;
                case "[":
                    expression = ParseSubscript(expression);
                    break;
                case "(":
                    expression = new CallExpression(expression, ParseArguments(), expression.Line);
                    break;
                default:
                    return expression;
            }
        }

        return expression;
    }

    private Expression ParseFiltersAndTests(Expression expression)
    {
        while (true)
        {
            if (tokens.SkipOperator("|"))
            {
                FilterStep step = ParseFilterStep();
                expression = new FilterExpression(expression, step, step.Line);
            }
            else if (tokens.SkipName("is"))
            {
                expression = ParseTest(expression);
            }
            else if (tokens.Current.IsOperator("("))
            {
                expression = new CallExpression(expression, ParseArguments(), expression.Line);
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression ParseTest(Expression operand)
    {
        int line = tokens.Current.Line;
        bool isNegated = tokens.SkipName("not");
        string name = ParseDottedName();
        ArgumentList arguments = ArgumentList.Empty;
        if (tokens.Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (tokens.Current.IsName("is"))
        {
            throw tokens.Error("tests with 'is' cannot be chained");
        }
        else if (IsTestArgument(tokens.Current))
        {
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], [], null, null);
        }

        Expression test = new TestExpression(operand, name, arguments, line);
        return isNegated ? new UnaryExpression("not", test, line) : test;
    }

    private static bool IsTestArgument(Token token) => token.Kind switch
    {
        TokenKind.Name => token.Value is not ("else" or "or" or "and"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        _ => token.IsOperator("[") || token.IsOperator("{"),
    };

    private Expression ParseAttribute(Expression target)
    {
        tokens.ExpectOperator(".");
        Token name = tokens.Current;
        return name.Kind switch
        {
            TokenKind.Name => new AttributeExpression(target, tokens.Next().Value, name.Line),
            TokenKind.Integer => new SubscriptExpression(target, ParsePrimary(), name.Line),
            _ => throw tokens.Error($"expected a name or a number after '.', found {name.Describe()}"),
        };
    }

    private SubscriptExpression ParseSubscript(Expression target)
    {
        int line = tokens.Current.Line;
        tokens.ExpectOperator("[");
        List<Expression> indices = [];
        while (!tokens.SkipOperator("]"))
        {
            indices.Add(ParseIndex());
            if (!tokens.Current.IsOperator("]"))
            {
                tokens.ExpectOperator(",");
            }
        }

        Expression index = indices.Count == 1 ? indices[0] : new ListExpression([.. indices], IsTuple: true, line);
        return new SubscriptExpression(target, index, line);
    }

    private Expression ParseIndex()
    {
        int line = tokens.Current.Line;
        Expression? start = tokens.Current.IsOperator(":") ? null : Parse();
        if (!tokens.SkipOperator(":"))
        {
            return start!;
        }

        Expression? stop = IsSliceEnd() ? null : Parse();
        Expression? step = tokens.SkipOperator(":") && !IsSliceEnd() ? Parse() : null;
        return new SliceExpression(start, stop, step, line);
    }

    private bool IsSliceEnd() =>
        tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") || tokens.Current.IsOperator(",");

    private ListExpression ParseList()
    {
        int line = tokens.Current.Line;
        tokens.ExpectOperator("[");
        List<Expression> items = [];
        while (!tokens.SkipOperator("]"))
        {
            items.Add(Parse());
            if (!tokens.Current.IsOperator("]"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new ListExpression([.. items], IsTuple: false, line);
    }

    private DictExpression ParseDict()
    {
        int line = tokens.Current.Line;
        tokens.ExpectOperator("{");
        List<(Expression, Expression)> pairs = [];
        while (!tokens.SkipOperator("}"))
        {
            Expression key = Parse();
            tokens.ExpectOperator(":");
            pairs.Add((key, Parse()));
            if (!tokens.Current.IsOperator("}"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new DictExpression([.. pairs], line);
    }

    private string ParseDottedName()
    {
        List<string> parts = [tokens.ExpectName().Value];
        while (tokens.SkipOperator("."))
        {
            parts.Add(tokens.ExpectName().Value);
        }

        return string.Join('.', parts);
    }

    private bool IsTupleEnd(string? endName) =>
        tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd
        || tokens.Current.IsOperator(")")
        || (endName is not null && tokens.Current.IsName(endName));

    private void Require(bool condition)
    {
        if (!condition)
        {
            throw tokens.Error("the arguments of a call must stand in the order: positional, named, *list, **dict");
        }
    }
}
