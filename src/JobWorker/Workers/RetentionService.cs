using System.Globalization;
using System.Text.Json;
using Inference.Artifacts;
using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.Training.FineTuning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Workers;

/// <summary>
/// Removes jobs that ended long ago: their files first, so that what a worker left undone is found again by the row. Adapters
/// that were published stay; those that an attempt saved and did not publish go.
/// </summary>
internal sealed class RetentionService(
    IJobStore store, ArtifactStore artifacts, IBlobStore blobs, IOptions<QueueOptions> options, TimeProvider time, ILogger<RetentionService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Removes those that are due.</summary>
    public async Task RemoveAsync(TimeSpan age, CancellationToken cancellation)
    {
        IReadOnlyList<Job> jobs;
        do
        {
            jobs = await store.ListEndedAsync(age, cancellation: cancellation);
            foreach (Job job in jobs)
            {
                await artifacts.DeleteAsync(JobCheckpoints.JobDirectory(job.Id), cancellation);
                await DeleteUnpublishedAsync(job, cancellation);
                await store.DeleteAsync(job.Id, cancellation);
                WorkerLog.Removed(logger, job.Id, job.EndedAt);
            }
        }
        while (jobs.Count > 0);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.RetainJobs == TimeSpan.Zero)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RemoveAsync(options.Value.RetainJobs, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                WorkerLog.RemovalFailed(logger, exception);
            }

            await Task.WhenAny(Task.Delay(Interval, time, stoppingToken));
        }
    }

    private async Task DeleteUnpublishedAsync(Job job, CancellationToken cancellation)
    {
        string name;
        try
        {
            name = FineTuningSpec.Parse(job.Payload).AdapterNameOf(job.Id);
            BlobName.Check(name);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return; // It never got as far as an adapter.
        }

        string? published = job.Result is { } result ? ArtifactReference.Parse(result).Name : null;
        string versions = string.Create(CultureInfo.InvariantCulture, $"{AdapterFiles.Root}/{name}/{job.Id}-");
        foreach (string file in await blobs.ListAsync($"{AdapterFiles.Root}/{name}", cancellation))
        {
            if (file.StartsWith(versions, StringComparison.Ordinal) && !(published is not null && file.StartsWith($"{published}/", StringComparison.Ordinal)))
            {
                await blobs.DeleteAsync(file, cancellation);
            }
        }
    }
}
