using System.Security.Cryptography;
using System.Text;
using Inference.Artifacts;
using Inference.JobWorker.Datasets;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.JobWorker.Tests;

public class DatasetStoreTests
{
    [Fact]
    public async Task Equal_contents_are_stored_once_under_their_hash()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(("Worker:Slots", "0"));
        DatasetStore store = worker.Services.GetRequiredService<DatasetStore>();

        DatasetFile first = await SaveAsync(store, "anna", "a.jsonl", "{}\n");
        DatasetFile second = await SaveAsync(store, "ben", "b.jsonl", "{}\n");

        string hash = Convert.ToHexStringLower(SHA256.HashData("{}\n"u8));
        Assert.Equal((hash, hash, 3), (first.Sha256, second.Sha256, first.Bytes));
        Assert.Equal([BlobName.Dataset(hash)], await worker.Services.GetRequiredService<IBlobStore>().ListAsync("datasets"));
        await using Stream? content = await store.OpenContentAsync(hash);
        Assert.Equal("{}\n", await new StreamReader(content!).ReadToEndAsync());
    }

    [Fact]
    public async Task A_tenant_sees_its_own_files_in_the_order_of_their_uploads()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(("Worker:Slots", "0"));
        DatasetStore store = worker.Services.GetRequiredService<DatasetStore>();
        DatasetFile[] files = [await SaveAsync(store, "anna", "a", "1"), await SaveAsync(store, "anna", "b", "2")];
        DatasetFile other = await SaveAsync(store, "../anna", "c", "3");

        Assert.Equal(files, await store.ListAsync("anna"));
        Assert.Null(await store.FindAsync("anna", other.Id));
        Assert.True(await store.DeleteAsync("anna", files[0].Id));
        Assert.False(await store.DeleteAsync("anna", files[0].Id));
        Assert.Equal([files[1]], await store.ListAsync("anna"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("file-")]
    [InlineData("file-../../jobs")]
    [InlineData("file-0000000000000000000000000000000G")]
    public async Task An_odd_id_is_no_file(string id)
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(("Worker:Slots", "0"));

        Assert.Null(await worker.Services.GetRequiredService<DatasetStore>().FindAsync("anna", id));
    }

    [Fact]
    public async Task A_file_past_the_limit_is_refused_midway_and_leaves_nothing()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(("Worker:Slots", "0"), ("Datasets:MaxBytes", "1024"));
        DatasetStore store = worker.Services.GetRequiredService<DatasetStore>();

        DatasetTooLargeException refusal = await Assert.ThrowsAsync<DatasetTooLargeException>(() => SaveAsync(store, "anna", "a", new string('x', 1025)));

        Assert.Equal("the file has more than 1024 bytes, which is the limit", refusal.Message);
        Assert.Empty(await store.ListAsync("anna"));
        Assert.Empty(await worker.Services.GetRequiredService<IBlobStore>().ListAsync("datasets"));
    }

    private static async Task<DatasetFile> SaveAsync(DatasetStore store, string tenant, string name, string content)
    {
        await using DatasetUpload upload = store.BeginUpload();
        await upload.WriteAsync(new MemoryStream(Encoding.UTF8.GetBytes(content)), CancellationToken.None);
        return await store.SaveAsync(tenant, name, "fine-tune", upload);
    }
}
