namespace Inference.Jobs.Stores;

/// <summary>SQL with its parameters. Statements that are sent together need different names for different values.</summary>
internal readonly record struct Statement(string Sql, params (string Name, object? Value)[] Parameters);
