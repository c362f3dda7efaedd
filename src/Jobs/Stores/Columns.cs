using System.Data.Common;

namespace Inference.Jobs.Stores;

/// <summary>Reads columns by name.</summary>
internal static class Columns
{
    public static long Long(this DbDataReader row, string column) => row.GetInt64(row.GetOrdinal(column));

    public static long? LongOrNull(this DbDataReader row, string column) =>
        row.GetOrdinal(column) is int i && row.IsDBNull(i) ? null : row.GetInt64(i);

    public static int Int(this DbDataReader row, string column) => row.GetInt32(row.GetOrdinal(column));

    public static bool Bool(this DbDataReader row, string column) => row.GetBoolean(row.GetOrdinal(column));

    public static string Text(this DbDataReader row, string column) => row.GetString(row.GetOrdinal(column));

    public static string? TextOrNull(this DbDataReader row, string column) =>
        row.GetOrdinal(column) is int i && row.IsDBNull(i) ? null : row.GetString(i);

    public static DateTimeOffset Time(this DbDataReader row, string column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.Long(column));

    public static DateTimeOffset? TimeOrNull(this DbDataReader row, string column) =>
        row.LongOrNull(column) is long ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}
