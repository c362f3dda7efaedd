using Inference.Artifacts;
using Inference.Jobs;
using Inference.Jobs.Stores;

namespace Inference.JobWorker;

/// <summary>Opens the configured queue.</summary>
internal static class JobStores
{
    /// <summary>PostgreSQL if it is configured, else SQLite.</summary>
    /// <exception cref="System.Data.Common.DbException">The database does not answer, or refuses.</exception>
    public static async Task<IJobStore> OpenAsync(QueueOptions queue, StorageOptions storage, TimeSpan retryFor)
    {
        JobStoreOptions options = new()
        {
            MaxFruitlessAttempts = queue.MaxFruitlessAttempts,
            BackOff = queue.BackOff,
            MaxBackOff = queue.BackOff * 60,
            PriorityAging = queue.PriorityAging,
            RetryFor = retryFor,
        };
        if (queue.Postgres.Length > 0)
        {
            return await PostgresJobStore.OpenAsync(queue.Postgres, options);
        }

        string file = Path.GetFullPath(queue.SqliteFile.Length > 0 ? queue.SqliteFile : Path.Combine(storage.FullPath, "jobs.db"));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return await SqliteJobStore.OpenAsync(file, options);
    }
}
