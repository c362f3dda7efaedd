namespace Inference.Jobs.Tests;

/// <summary>The stores that every test of the queue runs on.</summary>
public enum StoreKind
{
    /// <summary>A file in a temporary directory.</summary>
    Sqlite,

    /// <summary>A server that the tests start.</summary>
    Postgres,
}
