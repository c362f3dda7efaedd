namespace Inference.Text.ChatTemplates.Syntax;

internal abstract record Statement(int Line);

internal sealed record TextStatement(string Text, int Line) : Statement(Line);

internal sealed record OutputStatement(Expression Value, int Line) : Statement(Line);

internal sealed record IfStatement((Expression Test, Statement[] Body)[] Branches, Statement[] Else, int Line) : Statement(Line);

internal sealed record ForStatement(
    Target Target, Expression Iterable, Expression? Filter, Statement[] Body, Statement[] Else, int Line) : Statement(Line);

internal sealed record SetStatement(Target Target, Expression Value, int Line) : Statement(Line);

/// <summary>{% set name | filter %}body{% endset %}.</summary>
internal sealed record SetBlockStatement(Target Target, FilterStep[] Filters, Statement[] Body, int Line) : Statement(Line);

internal sealed record MacroStatement(string Name, Parameter[] Parameters, Statement[] Body, int Line) : Statement(Line);

/// <summary>{% call(parameters) macro(arguments) %}body{% endcall %}: the macro gets the body as "caller".</summary>
internal sealed record CallStatement(Parameter[] Parameters, CallExpression Call, Statement[] Body, int Line) : Statement(Line);

internal sealed record FilterStatement(FilterStep[] Filters, Statement[] Body, int Line) : Statement(Line);

internal sealed record WithStatement((Target Target, Expression Value)[] Variables, Statement[] Body, int Line) : Statement(Line);

/// <summary>{% generation %}body{% endgeneration %}: marks assistant text for training; renders as a scope of its own.</summary>
internal sealed record GenerationStatement(Statement[] Body, int Line) : Statement(Line);

internal sealed record LoopControlStatement(bool IsBreak, int Line) : Statement(Line);

internal sealed record Parameter(string Name, Expression? Default);

/// <summary>What "set" and "for" assign to.</summary>
internal abstract record Target;

internal sealed record NameTarget(string Name) : Target;

internal sealed record TupleTarget(Target[] Items) : Target;

/// <summary>{% set namespace.attribute = ... %}.</summary>
internal sealed record AttributeTarget(string Name, string Attribute) : Target;
