using System.Reflection;
using Xunit.Sdk;

namespace Inference.Jobs.Tests;

/// <summary>Runs a theory on SQLite, followed by the given arguments.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnSqliteAttribute(params object[] arguments) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[StoreKind.Sqlite, .. arguments]];
}
