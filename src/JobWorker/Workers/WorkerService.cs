using System.Globalization;
using Inference.Hosting.Health;
using Inference.Jobs;
using Inference.JobWorker.Adapters;
using Inference.JobWorker.Recurring;
using Inference.Training.FineTuning;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Workers;

/// <summary>Runs jobs until the host is told to stop, then hands back those in progress. Publishes what succeeded.</summary>
internal sealed class WorkerService(
    IJobStore store, IEnumerable<FineTuningHandler> trainers, RecurringHandler recurring, AdapterPublisher publisher, WorkerMetrics metrics, IOptions<WorkerOptions> options,
    HostState state, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<JobRunner> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WorkerOptions worker = options.Value;
        Dictionary<string, JobHandler> handlers = trainers.ToDictionary(_ => FineTuningSpec.JobKind, t => metrics.Count(t.RunAsync));
        handlers[RecurringHandler.JobKind] = recurring.RunAsync;
        JobRunnerOptions runner = new()
        {
            Worker = worker.Name.Length > 0
                ? worker.Name : string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}"),
            Node = worker.Node.Length > 0 ? worker.Node : Environment.MachineName,
            SlotKind = worker.SlotKind,
            Slots = [.. Enumerable.Range(worker.FirstSlot, worker.Slots)],
            Lease = LeaseOptions.Of(worker.Lease),
            PollInterval = worker.PollInterval,
        };
        state.SetReady(JobWorkerServer.RoleName);

        // The host's own token fires only after its requests have drained; trainers get that time to save what they have.
        await Task.WhenAll(
            publisher.RunAsync(lifetime.ApplicationStopping),
            new JobRunner(store, handlers, runner, time, logger, EndedAsync).RunAsync(lifetime.ApplicationStopping));
    }

    private async Task EndedAsync(Job job)
    {
        metrics.Ended(job.State.ToText());
        if (job is { State: JobState.Succeeded, Kind: FineTuningSpec.JobKind })
        {
            await publisher.PublishAsync(job);
        }
    }
}
