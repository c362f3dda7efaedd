using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Syntax;

internal abstract record Expression(int Line);

internal sealed record ConstantExpression(TemplateValue Value, int Line) : Expression(Line);

internal sealed record NameExpression(string Name, int Line) : Expression(Line);

internal sealed record ListExpression(Expression[] Items, bool IsTuple, int Line) : Expression(Line);

internal sealed record DictExpression((Expression Key, Expression Value)[] Pairs, int Line) : Expression(Line);

internal sealed record UnaryExpression(string Operator, Expression Operand, int Line) : Expression(Line);

/// <summary>Arithmetic: + - * / // % **.</summary>
internal sealed record BinaryExpression(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary>"and" where IsAnd, else "or"; both give one of their operands, as in Python.</summary>
internal sealed record LogicalExpression(bool IsAnd, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary>Chained as in Python: a &lt; b &lt; c.</summary>
internal sealed record ComparisonExpression(Expression First, (string Operator, Expression Operand)[] Rest, int Line) : Expression(Line);

/// <summary>a ~ b ~ c.</summary>
internal sealed record ConcatenationExpression(Expression[] Items, int Line) : Expression(Line);

internal sealed record ConditionalExpression(Expression Test, Expression Then, Expression? Else, int Line) : Expression(Line);

internal sealed record AttributeExpression(Expression Target, string Name, int Line) : Expression(Line);

/// <summary>The index is any expression or a <see cref="SliceExpression"/>.</summary>
internal sealed record SubscriptExpression(Expression Target, Expression Index, int Line) : Expression(Line);

internal sealed record SliceExpression(Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

internal sealed record CallExpression(Expression Target, ArgumentList Arguments, int Line) : Expression(Line);

internal sealed record FilterExpression(Expression Operand, FilterStep Step, int Line) : Expression(Line);

internal sealed record TestExpression(Expression Operand, string Name, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary>One filter of a chain, without what it is applied to.</summary>
internal sealed record FilterStep(string Name, ArgumentList Arguments, int Line);

/// <summary>f(a, key=b, *spread, **namedSpread).</summary>
internal sealed record ArgumentList(
    Expression[] Positional, (string Name, Expression Value)[] Named, Expression? Spread, Expression? NamedSpread)
{
    public static ArgumentList Empty { get; } = new([], [], null, null);
}
