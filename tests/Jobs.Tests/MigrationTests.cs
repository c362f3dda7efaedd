using Inference.Jobs.Stores;

namespace Inference.Jobs.Tests;

public class MigrationTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Stores_that_open_at_the_same_moment_migrate_once(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);
        foreach (string table in (string[])["job_events", "job_metrics", "job_checkpoints", "job_slots", "job_schedules", "jobs", "job_schema"])
            await queue.ExecuteAsync($"DROP TABLE {table}");

        IJobStore[] stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => queue.OpenAsync())));

        Assert.Null(await stores[0].FindAsync(job.Id));
        Assert.Equal(JobState.Queued, (await stores[5].SubmitAsync(Requests.Steps)).State);
    }

    [Fact]
    public async Task Stores_that_create_a_file_at_the_same_moment_share_it()
    {
        await using TestQueue queue = await TestQueue.CreateAsync(StoreKind.Sqlite);
        string path = Path.Combine(queue.Artifacts, "new.db");
        SqliteJobStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SqliteJobStore.OpenAsync(path))));

        Job job = await stores[0].SubmitAsync(Requests.Steps);
        Assert.All(await Task.WhenAll(stores.Select(s => s.FindAsync(job.Id))), found => Assert.Equal(job, found));
        foreach (SqliteJobStore store in stores)
            await store.DisposeAsync();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_was_there_stays_and_newer_tables_are_refused(StoreKind kind)
    {
        await using TestQueue queue = await TestQueue.CreateAsync(kind);
        Job job = await queue.Store.SubmitAsync(Requests.Steps);

        IJobStore again = await queue.OpenAsync();
        Assert.Equal(job, await again.FindAsync(job.Id));

        await queue.ExecuteAsync("INSERT INTO job_schema (version, applied_at) VALUES (999, 0)");
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => queue.OpenAsync());
        Assert.Contains("999", e.Message);
    }
}
