using System.Reflection;
using Xunit.Sdk;

namespace Inference.Jobs.Tests;

/// <summary>Runs a theory on PostgreSQL, followed by the given arguments; skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnPostgresAttribute : DataAttribute
{
    private readonly object[] _arguments;

    public OnPostgresAttribute(params object[] arguments)
    {
        _arguments = arguments;
        Skip = PostgresServer.Missing;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[StoreKind.Postgres, .. _arguments]];
}
