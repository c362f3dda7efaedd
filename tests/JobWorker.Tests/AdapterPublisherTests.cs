using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.Models.Lora;
using Inference.TestSupport;
using Inference.Training.FineTuning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.JobWorker.Tests;

public sealed class AdapterPublisherTests : IDisposable
{
    private readonly TemporaryDirectory _shared = new(inMemory: true);

    [Fact]
    public async Task The_job_that_succeeded_last_is_what_an_adapter_means_however_late_the_others_say_so()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(RunningWorker.TestTrainer, _shared.Path);
        Job first = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
        Job second = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
        await WaitForAsync(second);

        await Publisher(worker).PublishAsync(first);

        Assert.Equal(VersionOf(second), Served());
        Assert.Equal([VersionOf(second), VersionOf(first)], Adapters().History("adapter"));
    }

    [Fact]
    public async Task A_rollback_by_hand_stays_until_another_job_succeeds()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(RunningWorker.TestTrainer, _shared.Path);
        Job first = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
        await WaitForAsync(first);
        Job second = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
        await WaitForAsync(second);

        Adapters().Rollback("adapter");
        await Publisher(worker).PublishAsync(second);
        Assert.Equal(VersionOf(first), Served());

        Job third = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
        await WaitForAsync(third);
    }

    [Fact]
    public async Task What_a_worker_could_not_publish_before_it_died_another_publishes()
    {
        Job job;
        await using (RunningWorker worker = await RunningWorker.StartAsync(RunningWorker.TestTrainer, _shared.Path))
        {
            job = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
            await WaitForAsync(job);
        }

        // As if it had died right after its commit; then half-way through the swap.
        File.Delete(Path.Combine(Adapters().Root, "adapter", AdapterDirectory.PointerName));
        File.Delete(Path.Combine(Adapters().Root, "adapter", AdapterPublisher.PublishedName));
        await using (await RunningWorker.StartAsync(null, _shared.Path))
        {
            await WaitForAsync(job);
        }

        File.Delete(Path.Combine(Adapters().Root, "adapter", AdapterPublisher.PublishedName));
        await using RunningWorker last = await RunningWorker.StartAsync(null, _shared.Path);
        await Publisher(last).PublishAsync(job);
        Assert.Equal([VersionOf(job)], Adapters().History("adapter"));
    }

    [Fact]
    public async Task A_name_belongs_to_the_tenant_that_published_under_it_first()
    {
        await using RunningWorker worker = await RunningWorker.StartAsync(RunningWorker.TestTrainer, _shared.Path);
        Job first = await worker.WaitForEndAsync(await worker.SubmitAsync(2, "adapter"));
        await WaitForAsync(first);

        Job others = await worker.WaitForEndAsync(await worker.SubmitAsync(FineTuningSpec.Parse(first.Payload), "another"));
        Assert.Equal(JobState.Failed, others.State);
        Assert.Equal("the adapter's name \"adapter\" is another tenant's", others.Failure!.Message);

        // Neither where both were trained at the same time.
        await Publisher(worker).PublishAsync(first with { Id = 99, Tenant = "another", EndedAt = first.EndedAt!.Value.AddDays(1) });
        Assert.Equal(VersionOf(first), Served());
    }

    [Fact]
    public async Task Many_at_once_end_with_the_newest()
    {
        LocalBlobStore blobs = new(Path.Combine(_shared.Path, "artifacts"));
        await using RunningWorker worker = await RunningWorker.StartAsync(null, _shared.Path);
        Job[] jobs = [.. Enumerable.Range(1, 40).Select(i => new Job
        {
            Id = i,
            Kind = FineTuningSpec.JobKind,
            Tenant = "",
            Payload = "{}",
            SubmitKey = "",
            Priority = 0,
            SlotKind = "cpu",
            State = JobState.Succeeded,
            Result = $"adapters/adapter/{i}-1@{new string('0', 64)}",
            EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(i % 17),
        })];

        await Parallel.ForEachAsync(jobs, async (job, cancellation) => await Publisher(worker).PublishAsync(job, cancellation));

        // The latest second is 16; jobs 16 and 33 share it, the later one wins.
        string pointer = await File.ReadAllTextAsync(Path.Combine(Adapters().Root, "adapter", AdapterDirectory.PointerName));
        Assert.Equal("33-1", pointer.Split('\n')[0]);
    }

    public void Dispose() => _shared.Dispose();

    private static AdapterPublisher Publisher(RunningWorker worker) => new(
        worker.Store, worker.Services.GetRequiredService<IBlobStore>(), TimeProvider.System, NullLogger<AdapterPublisher>.Instance);

    private static string VersionOf(Job job) => $"{job.Id}-{job.Epoch}";

    private AdapterDirectory Adapters() => new(Path.Combine(_shared.Path, "artifacts", AdapterFiles.Root));

    private string? Served() => Adapters().Find("adapter")?.Version;

    private async Task WaitForAsync(Job job)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (Served() != VersionOf(job))
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
