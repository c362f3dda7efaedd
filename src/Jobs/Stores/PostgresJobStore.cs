using System.Data.Common;
using Npgsql;

namespace Inference.Jobs.Stores;

/// <summary>The queue in PostgreSQL 12 or newer, for any number of machines.</summary>
public sealed class PostgresJobStore : SqlJobStore
{
    internal const string Channel = "inference_jobs";

    // clock_timestamp: now() stands still for as long as a transaction waits for a lock.
    private static readonly SqlDialect Dialect = new(
        "Postgres", "(extract(epoch FROM clock_timestamp()) * 1000)::bigint", " FOR UPDATE", " FOR UPDATE SKIP LOCKED",
        "SELECT pg_advisory_xact_lock(7303014506221)", $"SELECT pg_notify('{Channel}', @change)");

    private readonly NpgsqlDataSource _connections;
    private readonly NpgsqlDataSource _heartbeats;
    private readonly PostgresListener _listener;

    private PostgresJobStore(string connectionString, JobStoreOptions options, TimeProvider time)
        : base(Dialect, options, time)
    {
        // Nothing here leaves anything behind in a session that would have to be reset.
        NpgsqlConnectionStringBuilder settings = new(connectionString) { NoResetOnClose = true };
        _connections = NpgsqlDataSource.Create(settings);

        // Give up soon, so that the thread can look at its clock and try again.
        (settings.Timeout, settings.CommandTimeout, settings.CancellationTimeout) = (5, 5, 1_000);
        _heartbeats = NpgsqlDataSource.Create(settings);
        _listener = new PostgresListener(connectionString, Hints, time);
    }

    /// <summary>Opens the queue; creates or upgrades its tables, in the connection's search path.</summary>
    /// <exception cref="InvalidOperationException">The tables are newer than this program.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses.</exception>
    public static async Task<PostgresJobStore> OpenAsync(
        string connectionString, JobStoreOptions? options = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        PostgresJobStore store = new(connectionString, options ?? new JobStoreOptions(), time ?? TimeProvider.System);
        try
        {
            await store.MigrateAsync(cancellation);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }

        return store;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _heartbeats.DisposeAsync();
        await _connections.DisposeAsync();
    }

    private protected override async Task<DbConnection> OpenAsync(CancellationToken cancellation) =>
        await _connections.OpenConnectionAsync(cancellation);

    private protected override DbConnection OpenForHeartbeat() => _heartbeats.OpenConnection();

    private protected override async Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellation) =>
        await connection.BeginTransactionAsync(cancellation);

    private protected override bool IsTransient(DbException exception) => exception is NpgsqlException { IsTransient: true }
        or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown };
}
