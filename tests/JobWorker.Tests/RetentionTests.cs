using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Inference.JobWorker.Tests;

public class RetentionTests
{
    [Fact]
    public async Task Old_jobs_go_with_their_files_and_leave_the_adapters_that_were_published()
    {
        await using RunningWorker worker = await RunningWorker.StartTrainingAsync();
        Job done = await worker.WaitForEndAsync(await worker.SubmitAsync(4, "kept"));
        Job failed = await worker.WaitForEndAsync(await worker.SubmitAsync(4, "other", ("fault_at", 3)));
        Job waiting = await worker.Store.SubmitAsync(new JobSubmission { Kind = "of another worker" });
        IBlobStore blobs = worker.Services.GetRequiredService<IBlobStore>();
        await blobs.PutAsync($"adapters/other/{failed.Id}-1/adapter_config.json", new MemoryStream([1])); // saved, then cancelled, say
        await blobs.PutAsync($"adapters/kept/{done.Id}-{done.Epoch - 1}/adapter_config.json", new MemoryStream([1])); // by a lost attempt
        RetentionService retention = worker.Services.GetServices<IHostedService>().OfType<RetentionService>().Single();

        await retention.RemoveAsync(TimeSpan.FromHours(1), CancellationToken.None);
        Assert.NotNull(await worker.Store.FindAsync(done.Id));

        await retention.RemoveAsync(TimeSpan.Zero, CancellationToken.None);

        Assert.Null(await worker.Store.FindAsync(done.Id));
        Assert.Null(await worker.Store.FindAsync(failed.Id));
        Assert.NotNull(await worker.Store.FindAsync(waiting.Id));
        Assert.Empty(await blobs.ListAsync("jobs"));
        Assert.Empty(await blobs.ListAsync("adapters/other"));
        string published = ArtifactReference.Parse(done.Result!).Name;
        Assert.Contains($"{published}/adapter_model.safetensors", await blobs.ListAsync("adapters/kept"));
        Assert.DoesNotContain(await blobs.ListAsync("adapters/kept"), f => f.StartsWith($"adapters/kept/{done.Id}-{done.Epoch - 1}/", StringComparison.Ordinal));
    }
}
