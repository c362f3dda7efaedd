using Microsoft.Data.Sqlite;

namespace Inference.Jobs.Tests;

/// <summary>
/// A database that goes and comes again: PostgreSQL as by a crash; SQLite, which is a file, by another process's lock, behind which every
/// write waits and fails.
/// </summary>
internal sealed class Outage : IAsyncDisposable
{
    private readonly PostgresServer? _server;
    private SqliteConnection? _lock;

    private Outage(PostgresServer? server, TestQueue queue) => (_server, Queue) = (server, queue);

    public TestQueue Queue { get; }

    public static async Task<Outage> PrepareAsync(StoreKind kind)
    {
        JobStoreOptions options = new() { RetryFor = TimeSpan.FromSeconds(30) };
        PostgresServer? server = kind == StoreKind.Postgres ? await PostgresServer.FragileAsync() : null;
        return new Outage(server, await TestQueue.CreateAsync(kind, options, server: server));
    }

    public async Task BeginAsync()
    {
        if (_server is not null)
        {
            await _server.CrashAsync();
            return;
        }

        _lock = new SqliteConnection($"Data Source={Queue.Connection};Pooling=false");
        await _lock.OpenAsync();
        _lock.BeginTransaction(deferred: false);
    }

    public async Task EndAsync()
    {
        if (_server is not null)
            await _server.StartAgainAsync();
        else
            await _lock!.DisposeAsync();
    }

    public ValueTask DisposeAsync() => Queue.DisposeAsync();
}
