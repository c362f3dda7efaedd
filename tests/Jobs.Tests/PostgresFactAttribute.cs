namespace Inference.Jobs.Tests;

/// <summary>A test of what only PostgreSQL has; skipped where it is not installed.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}
