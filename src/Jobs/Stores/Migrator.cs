using System.Globalization;
using System.Reflection;

namespace Inference.Jobs.Stores;

/// <summary>Brings the tables to this program's version. The scripts lie in Migrations/, numbered, and are never changed once published.</summary>
internal static class Migrator
{
    /// <summary>Applies what is missing, in one transaction that keeps others out.</summary>
    /// <exception cref="InvalidOperationException">The database is newer than this program.</exception>
    public static async Task MigrateAsync(SqlSession session, CancellationToken cancellation)
    {
        if (session.Dialect.MigrationLock.Length > 0)
            await session.ExecuteAsync(session.Dialect.MigrationLock, cancellation);
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS job_schema (version integer PRIMARY KEY, applied_at bigint NOT NULL)", cancellation);
        int version = (await session.QueryAsync("SELECT coalesce(max(version), 0) FROM job_schema", r => r.GetInt32(0), cancellation))[0];
        (int Version, string Sql)[] scripts = Scripts(session.Dialect.Name);
        int newest = scripts[^1].Version;
        if (version > newest)
            throw new InvalidOperationException($"the job tables have version {version}; this program knows versions up to {newest}");

        foreach ((int next, string sql) in scripts.Where(s => s.Version > version))
        {
            await session.ExecuteAsync(sql, cancellation);
            await session.ExecuteAsync(
                $"INSERT INTO job_schema (version, applied_at) VALUES (@version, {session.Dialect.Now})", cancellation, ("version", next));
        }
    }

    private static (int Version, string Sql)[] Scripts(string dialect)
    {
        Assembly assembly = typeof(Migrator).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(dialect + "/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (int.Parse(name.AsSpan(dialect.Length + 1, 4), NumberStyles.None, CultureInfo.InvariantCulture), Read(assembly, name)))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
