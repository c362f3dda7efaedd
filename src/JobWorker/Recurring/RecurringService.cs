using System.Text.Json;
using Inference.Jobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Inference.JobWorker.Recurring;

/// <summary>Writes the configured schedules into the queue when the host starts. One that stands there alike keeps its next date.</summary>
internal sealed class RecurringService(IJobStore store, IOptions<RecurringOptions> options, IOptions<WorkerOptions> worker) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (RecurringJob job in options.Value.Jobs)
        {
            if (job.Cron.Length == 0)
            {
                await store.DeleteScheduleAsync(job.Tenant, job.Name, cancellationToken);
                continue;
            }

            JobSubmission submission = new()
            {
                Kind = RecurringHandler.JobKind,
                Tenant = job.Tenant,
                Payload = JsonSerializer.Serialize(job),
                SlotKind = worker.Value.SlotKind,
                Priority = job.Priority,
            };
            IReadOnlyList<JobSchedule> existing = await store.ListSchedulesAsync(job.Tenant, cancellationToken);
            if (!existing.Any(s => s.Name == job.Name && s.Cron == job.Cron && s.Submission == submission))
            {
                await store.SaveScheduleAsync(new NewJobSchedule(job.Name, job.Cron, submission), cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
