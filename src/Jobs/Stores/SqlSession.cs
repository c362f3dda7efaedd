using System.Data.Common;

namespace Inference.Jobs.Stores;

/// <summary>A connection, with its transaction where it writes, for the time of one operation.</summary>
internal sealed class SqlSession(DbConnection connection, DbTransaction? transaction, SqlDialect dialect, bool isRepeat)
{
    private readonly List<JobHint> _hints = [];

    public SqlDialect Dialect { get; } = dialect;

    /// <summary>The transaction was tried before, and may have been committed without our knowing.</summary>
    public bool IsRepeat { get; } = isRepeat;

    /// <summary>What to tell in this process after the commit.</summary>
    public IReadOnlyList<JobHint> Hints => _hints;

    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellation, params (string Name, object? Value)[] parameters)
    {
        await using DbCommand command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<DbDataReader, T> read, CancellationToken cancellation, params (string Name, object? Value)[] parameters)
    {
        await using DbCommand command = Command(sql, parameters);
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellation))
            rows.Add(read(reader));
        return rows;
    }

    public async Task<bool> ExistsAsync(string sql, CancellationToken cancellation, params (string Name, object? Value)[] parameters) =>
        (await QueryAsync(sql, _ => true, cancellation, parameters)).Count > 0;

    public async Task<DateTimeOffset> NowAsync(CancellationToken cancellation) =>
        (await QueryAsync($"SELECT {Dialect.Now}", r => DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(0)), cancellation))[0];

    /// <summary>Sends statements together, in one round trip.</summary>
    public Task<int> ExecuteAsync(IReadOnlyList<Statement> statements, CancellationToken cancellation) => ExecuteAsync(
        string.Join(";\n", statements.Select(s => s.Sql)), cancellation, [.. statements.SelectMany(s => s.Parameters)]);

    /// <summary>Tells others once the transaction is committed: here by itself, in other processes by the statement.</summary>
    public Statement[] Notify(JobHint hint)
    {
        _hints.Add(hint);
        return Dialect.Notify.Length > 0 ? [new Statement(Dialect.Notify, ("change", hint.ToText()))] : [];
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] parameters)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
