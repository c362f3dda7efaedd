namespace Inference.Jobs.Stores;

/// <summary>In what the databases differ.</summary>
/// <param name="Name">Also the folder of its migrations.</param>
/// <param name="Now">Expression of the database's clock, in milliseconds since 1970.</param>
/// <param name="ForUpdate">Locks the selected rows; empty where the transaction locks the database.</param>
/// <param name="SkipLocked">The same, passing over rows that others have locked.</param>
/// <param name="MigrationLock">Statement that keeps other migrations out until the transaction ends; empty if the transaction does.</param>
/// <param name="Notify">Statement that tells other processes of @change; empty if there is no such thing.</param>
internal sealed record SqlDialect(
    string Name, string Now, string ForUpdate, string SkipLocked, string MigrationLock, string Notify);
