using System.Data.Common;
using System.Globalization;
using Inference.Jobs.Stores;
using Inference.TestSupport;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Inference.Jobs.Tests;

/// <summary>An empty queue of a test's own, in one of the databases.</summary>
internal sealed class TestQueue : IAsyncDisposable
{
    private readonly StoreKind _kind;
    private readonly TemporaryDirectory _directory = new(inMemory: true);
    private readonly List<IJobStore> _stores = [];

    private TestQueue(StoreKind kind) => _kind = kind;

    public IJobStore Store => _stores[0];

    /// <summary>What a worker process needs to open it.</summary>
    public string Connection { get; private set; } = "";

    public string KindText => _kind == StoreKind.Postgres ? "postgres" : "sqlite";

    /// <summary>A directory for the jobs' files.</summary>
    public string Artifacts => _directory.Path;

    public static async Task<TestQueue> CreateAsync(
        StoreKind kind, JobStoreOptions? options = null, TimeProvider? time = null, PostgresServer? server = null)
    {
        TestQueue queue = new(kind);
        queue.Connection = kind == StoreKind.Postgres
            ? await (server ?? await PostgresServer.SharedAsync()).CreateDatabaseAsync()
            : queue._directory.File("jobs.db");
        await queue.OpenAsync(options, time);
        return queue;
    }

    /// <summary>Another store on the same queue, as another process would have; it ends with this one.</summary>
    public async Task<IJobStore> OpenAsync(JobStoreOptions? options = null, TimeProvider? time = null, string? connection = null)
    {
        IJobStore store = _kind == StoreKind.Postgres
            ? await PostgresJobStore.OpenAsync(connection ?? Connection, options, time)
            : await SqliteJobStore.OpenAsync(Connection, options, time);
        lock (_stores)
            _stores.Add(store);
        return store;
    }

    /// <summary>Runs a statement past the store.</summary>
    public Task ExecuteAsync(string sql) => WithCommandAsync(sql, c => c.ExecuteNonQueryAsync());

    /// <summary>Asks for a number past the store.</summary>
    public Task<long> ScalarAsync(string sql) => WithCommandAsync(sql, async c => Convert.ToInt64(await c.ExecuteScalarAsync(), CultureInfo.InvariantCulture));

    public async ValueTask DisposeAsync()
    {
        foreach (IJobStore store in _stores)
            await store.DisposeAsync();
        if (_kind == StoreKind.Postgres)
            NpgsqlConnection.ClearPool(new NpgsqlConnection(Connection));
        _directory.Dispose();
    }

    private async Task<T> WithCommandAsync<T>(string sql, Func<DbCommand, Task<T>> run)
    {
        await using DbConnection connection = _kind == StoreKind.Postgres
            ? new NpgsqlConnection(Connection) : new SqliteConnection($"Data Source={Connection}");
        await connection.OpenAsync();
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return await run(command);
    }
}
