using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Inference.Jobs.Stores;

/// <summary>
/// The queue in an SQLite file (3.35 or newer), for the processes of one machine. Writers take turns; its clock is the machine's.
/// Its calls block a thread for as long as the file is locked.
/// </summary>
public sealed class SqliteJobStore : SqlJobStore
{
    /// <summary>How long to wait for another process's write, in seconds.</summary>
    private const int BusyTimeout = 5;

    private const int Busy = 5, Locked = 6;

    private static readonly SqlDialect Dialect = new(
        "Sqlite", "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS integer)", "", "", "", "");

    private readonly string _connectionString;
    private readonly SqliteConnection _anchor;

    private SqliteJobStore(string path, JobStoreOptions options, TimeProvider time)
        : base(Dialect, options, time)
    {
        SqliteLibrary.Load();
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = BusyTimeout }.ToString();
        _anchor = new SqliteConnection(_connectionString);
    }

    /// <summary>Opens the queue in a file, which is created if it is absent; creates or upgrades its tables.</summary>
    /// <exception cref="InvalidOperationException">The tables are newer than this program.</exception>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static async Task<SqliteJobStore> OpenAsync(
        string path, JobStoreOptions? options = null, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        SqliteJobStore store = new(path, options ?? new JobStoreOptions(), time ?? TimeProvider.System);
        try
        {
            // Kept open: the last connection to close would fold the log into the file each time.
            Open(store._anchor);
            Execute(store._anchor, "PRAGMA journal_mode = WAL");
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
        await _anchor.DisposeAsync();
        SqliteConnection.ClearPool(_anchor);
    }

    private protected override Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(OpenForHeartbeat());
    }

    private protected override DbConnection OpenForHeartbeat()
    {
        SqliteConnection connection = new(_connectionString);
        Open(connection);
        return connection;
    }

    /// <summary>BEGIN IMMEDIATE: a transaction that took the lock only at its first write could be refused half-way.</summary>
    private protected override Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellation) =>
        Task.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: false));

    private protected override bool IsTransient(DbException exception) =>
        exception is SqliteException { SqliteErrorCode: Busy or Locked };

    /// <summary>With synchronous = FULL, what is committed outlives a power cut.</summary>
    private static void Open(SqliteConnection connection)
    {
        connection.Open();
        Execute(connection, $"PRAGMA busy_timeout = {BusyTimeout * 1000}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
