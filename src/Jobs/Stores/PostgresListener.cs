using Npgsql;

namespace Inference.Jobs.Stores;

/// <summary>Turns other processes' notifications into hints, on a connection of its own. Without one, polling goes on.</summary>
internal sealed class PostgresListener : IAsyncDisposable
{
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlDataSource _source;
    private readonly ChangeHints _hints;
    private readonly TimeProvider _time;
    private readonly Task _listening;

    public PostgresListener(string connectionString, ChangeHints hints, TimeProvider time)
    {
        // The keep-alive finds out that the other side is gone: nothing else is ever sent on this connection.
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 30 });
        (_hints, _time) = (hints, time);
        _listening = ListenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = await _source.OpenConnectionAsync(_stop.Token);
                connection.Notification += (_, e) =>
                {
                    if (JobHint.Parse(e.Payload) is { } hint)
                        _hints.Pulse(hint);
                };
                await using (NpgsqlCommand listen = new($"LISTEN {PostgresJobStore.Channel}", connection))
                    await listen.ExecuteNonQueryAsync(_stop.Token);
                _hints.PulseAll(); // whatever was missed until now
                while (true)
                    await connection.WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception)
            {
                // Polling goes on meanwhile; the stores' own operations report a database that is gone.
                await Task.WhenAny(Task.Delay(Reconnect, _time, _stop.Token));
            }
        }
    }
}
