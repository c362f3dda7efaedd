namespace Inference.Text.ChatTemplates.Syntax;

/// <summary>Recursive descent over text, outputs and tags.</summary>
internal sealed class TemplateParser
{
    private static readonly HashSet<string> Unsupported =
        ["include", "import", "from", "extends", "block", "autoescape", "do", "print", "trans", "debug"];

    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    public TemplateParser(IReadOnlyList<Token> tokens)
    {
        _tokens = new TokenStream(tokens);
        _expressions = new ExpressionParser(_tokens);
    }

    /// <summary>Whether there was a generation block.</summary>
    public bool HasGeneration { get; private set; }

    public Statement[] Parse() => ParseBody();

    /// <summary>Reads up to a tag named in <paramref name="ends"/>; its name is then the current token.</summary>
    private Statement[] ParseBody(params ReadOnlySpan<string> ends)
    {
        int line = _tokens.Current.Line;
        List<Statement> body = [];
        while (true)
        {
            Token token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TextStatement(token.Value, token.Line));
                    break;
                case TokenKind.VariableBegin:
                    body.Add(new OutputStatement(_expressions.ParseTuple(), token.Line));
                    _tokens.Expect(TokenKind.VariableEnd);
                    break;
                case TokenKind.BlockBegin:
                    if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Value))
                    {
                        return [.. body];
                    }

                    _tokens.Enter();
                    body.Add(ParseTag());
                    _tokens.Leave();
                    _tokens.Expect(TokenKind.BlockEnd);
                    break;
                case TokenKind.End when ends.Length > 0:
                    throw new ChatTemplateException($"'{ends[^1]}' is missing at the end of the template", line);
                default:
                    return [.. body];
            }
        }
    }

    /// <summary>A body that one tag ends; moves past that tag's name.</summary>
    private Statement[] ParseBlock(string end)
    {
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd);
        Statement[] body = ParseBody(end);
        _tokens.Next();
        return body;
    }

    private Statement ParseTag()
    {
        Token tag = _tokens.ExpectName();
        return tag.Value switch
        {
            "if" => ParseIf(tag.Line),
            "for" => ParseFor(tag.Line),
            "set" => ParseSet(tag.Line),
            "macro" => ParseMacro(tag.Line),
            "call" => ParseCall(tag.Line),
            "filter" => new FilterStatement(ParseFilters(isFirstNamed: true), ParseSeparateBody("endfilter"), tag.Line),
            "with" => ParseWith(tag.Line),
            "generation" => ParseGeneration(tag.Line),
            "break" or "continue" when _loops == 0 => throw new ChatTemplateException($"'{tag.Value}' outside of a loop", tag.Line),
            "break" or "continue" => new LoopControlStatement(tag.Value == "break", tag.Line),
            _ when Unsupported.Contains(tag.Value) =>
                throw new ChatTemplateException($"the tag '{tag.Value}' is not supported in chat templates", tag.Line),
            _ => throw new ChatTemplateException($"unknown tag '{tag.Value}'", tag.Line),
        };
    }

    private GenerationStatement ParseGeneration(int line)
    {
        HasGeneration = true;
        return new GenerationStatement(ParseBlock("endgeneration"), line);
    }

    private IfStatement ParseIf(int line)
    {
        List<(Expression, Statement[])> branches = [];
        Statement[] otherwise = [];
        while (true)
        {
            Expression test = _expressions.ParseTuple(allowConditional: false);
            EndTag();
            branches.Add((test, ParseBody("elif", "else", "endif")));
            string end = _tokens.Next().Value;
            if (end == "elif")
            {
                continue;
            }

            if (end == "else")
            {
                otherwise = ParseBlock("endif");
            }

            return new IfStatement([.. branches], otherwise, line);
        }
    }

    private ForStatement ParseFor(int line)
    {
        Target target = ParseTarget("in");
        _tokens.ExpectName("in");
        Expression iterable = _expressions.ParseTuple(allowConditional: false, endName: "recursive");
        Expression? filter = _tokens.SkipName("if") ? _expressions.Parse() : null;
        if (_tokens.Current.IsName("recursive"))
        {
            throw _tokens.Error("recursive loops are not supported in chat templates");
        }

        EndTag();
        _loops++;
        Statement[] body = ParseBody("else", "endfor");
        _loops--;
        Statement[] otherwise = _tokens.Next().Value == "else" ? ParseBlock("endfor") : [];
        return new ForStatement(target, iterable, filter, body, otherwise, line);
    }

    private Statement ParseSet(int line)
    {
        Target target = ParseTarget(null);
        return _tokens.SkipOperator("=")
            ? new SetStatement(target, _expressions.ParseTuple(), line)
            : new SetBlockStatement(target, ParseFilters(isFirstNamed: false), ParseSeparateBody("endset"), line);
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = _tokens.ExpectName().Value;
        Parameter[] parameters = ParseParameters();
        return new MacroStatement(name, parameters, ParseSeparateBody("endmacro"), line);
    }

    private CallStatement ParseCall(int line)
    {
        Parameter[] parameters = _tokens.Current.IsOperator("(") ? ParseParameters() : [];
        return _expressions.Parse() is CallExpression call
            ? new CallStatement(parameters, call, ParseSeparateBody("endcall"), line)
            : throw _tokens.Error("expected a call of a macro");
    }

    private WithStatement ParseWith(int line)
    {
        List<(Target, Expression)> variables = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            Target target = ParseTarget(null);
            _tokens.ExpectOperator("=");
            variables.Add((target, _expressions.Parse()));
        }

        return new WithStatement([.. variables], ParseBlock("endwith"), line);
    }

    /// <summary>A body that runs apart from the loops around it, so that they cannot be left from it.</summary>
    private Statement[] ParseSeparateBody(string end)
    {
        int loops = _loops;
        _loops = 0;
        Statement[] body = ParseBlock(end);
        _loops = loops;
        return body;
    }

    private FilterStep[] ParseFilters(bool isFirstNamed)
    {
        List<FilterStep> steps = [];
        if (isFirstNamed)
        {
            steps.Add(_expressions.ParseFilterStep());
        }

        while (_tokens.SkipOperator("|"))
        {
            steps.Add(_expressions.ParseFilterStep());
        }

        return [.. steps];
    }

    private Parameter[] ParseParameters()
    {
        _tokens.ExpectOperator("(");
        List<Parameter> parameters = [];
        while (!_tokens.SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            string name = _tokens.ExpectName().Value;
            Expression? value = _tokens.SkipOperator("=") ? _expressions.Parse() : null;
            if (value is null && parameters.Count > 0 && parameters[^1].Default is not null)
            {
                throw _tokens.Error($"the parameter '{name}' without a default follows one that has a default");
            }

            parameters.Add(new Parameter(name, value));
        }

        return [.. parameters];
    }

    private Target ParseTarget(string? endName)
    {
        List<Target> items = [];
        bool isTuple = false;
        do
        {
            if (isTuple && (_tokens.Current.IsOperator("=") || (endName is not null && _tokens.Current.IsName(endName))))
            {
                break;
            }

            items.Add(ParseTargetItem());
            isTuple |= _tokens.Current.IsOperator(",");
        }
        while (_tokens.SkipOperator(","));

        return isTuple ? new TupleTarget([.. items]) : items[0];
    }

    private Target ParseTargetItem()
    {
        if (_tokens.SkipOperator("("))
        {
            _tokens.Enter();
            Target inner = ParseTarget(null);
            _tokens.Leave();
            _tokens.ExpectOperator(")");
            return inner;
        }

        Token name = _tokens.ExpectName();
        if (name.Value is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw new ChatTemplateException($"cannot assign to '{name.Value}'", name.Line);
        }

        return _tokens.SkipOperator(".")
            ? new AttributeTarget(name.Value, _tokens.ExpectName().Value)
            : new NameTarget(name.Value);
    }

    private void EndTag()
    {
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd);
    }
}
